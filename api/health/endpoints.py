"""Is it alive, is it ready: for load balancers and supervisors. Not under /api/v1."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from api.deps import Pools, public
from api.envelope import ERROR_RESPONSES, Envelope, ok
from api.health.schemas import Health

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def is_alive() -> Envelope[Health]:
    """The process answers. Public, not rate limited: it costs nothing and is asked every few seconds."""
    return ok(Health(status="alive"))


@router.get("/readyz", responses={503: ERROR_RESPONSES[503]})
async def is_ready(pools: Pools) -> Envelope[Health]:
    """PostgreSQL answers; without it nothing can be acknowledged. Redis may be away."""
    async with pools.auth_session() as session:
        await session.execute(text("SELECT 1"))
    return ok(Health(status="ready"))


@router.get("/metrics", dependencies=[public()], response_class=Response)
async def metrics(_request: Request) -> Response:
    """Prometheus metrics of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
