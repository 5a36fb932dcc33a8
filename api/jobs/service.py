"""Background jobs as the person who caused them sees them."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from core.models import BackgroundJob, JobStatus
from core.tenancy import Actor, TenantContext
from core.user_events import UserEventDraft, record_user_event


async def create_job(session: AsyncSession, actor: Actor, kind: str, *, subject_id: UUID) -> UUID:
    """Write the row that `/jobs/{id}` shows, beside the enqueued work."""
    job_id = new_id()
    await session.execute(
        insert(BackgroundJob).values(
            district_id=actor.district_id,
            id=job_id,
            school_id=actor.school_id,
            user_id=actor.user_id,
            kind=kind,
            subject_id=subject_id,
        )
    )
    return job_id


async def finish_job(session: AsyncSession, job_id: str, result: dict[str, Any]) -> None:
    """Mark a job succeeded and tell its owner once; a second run of the same job tells nobody."""
    context: TenantContext = session.info["context"]
    statement = (
        update(BackgroundJob)
        .where(
            BackgroundJob.district_id == context.tenant.value,
            BackgroundJob.id == UUID(job_id),
            BackgroundJob.finished_at.is_(None),
        )
        .values(status=JobStatus.SUCCEEDED, progress_percent=100, result=result, finished_at=func.now())
        .returning(
            BackgroundJob.user_id, BackgroundJob.school_id, BackgroundJob.kind, BackgroundJob.finished_at
        )
    )
    job = (await session.execute(statement)).one_or_none()
    if job is None:
        return
    payload = {"job_id": job_id, "kind": job.kind, "status": JobStatus.SUCCEEDED.value, "result": result}
    draft = UserEventDraft("job:done", payload, job.finished_at, job.school_id)
    await record_user_event(session, [job.user_id], draft)
