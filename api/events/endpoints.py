from typing import Annotated

from fastapi import APIRouter

from api.deps import Db, Now, allowed, consented
from api.envelope import Envelope, ok
from api.events import service
from api.events.schemas import EventBatch, EventsAnswer
from api.rate_limits import Bucket
from core.models import ConsentScope
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/events", tags=["events"])


@router.post("", dependencies=[consented(ConsentScope.COLLECTION)])
async def ingest_events(
    body: EventBatch,
    actor: Annotated[Actor, allowed(Permission.EVENT_WRITE, Bucket.EVENTS)],
    db: Db,
    now: Now,
) -> Envelope[EventsAnswer]:
    """Record up to 500 clicks; send a batch again if in doubt, each event counts once."""
    return ok(await service.ingest(db, actor, body.events, now=now))
