from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.deps import Db, allowed
from api.envelope import Envelope, ok
from api.jobs import queries, service
from api.jobs.schemas import JobOut
from core.errors import NotFoundError
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("/{job_id}")
async def read_job(
    job_id: UUID, actor: Annotated[Actor, allowed(Permission.JOB_READ)], db: Db
) -> Envelope[JobOut]:
    """Read the state of a background job you caused."""
    job = await db.scalar(queries.own_job(actor, job_id))
    if job is None:
        raise NotFoundError
    return ok(JobOut.model_validate(job))


@router.delete("/{job_id}")
async def cancel_job(
    job_id: UUID, actor: Annotated[Actor, allowed(Permission.JOB_CANCEL)], db: Db
) -> Envelope[JobOut]:
    """Cancel a background job you caused; what it had not finished is not kept."""
    return ok(JobOut.model_validate(await service.cancel_job(db, actor, job_id)))
