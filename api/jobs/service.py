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
    await _end_job(
        session, job_id, {"status": JobStatus.SUCCEEDED, "progress_percent": 100, "result": result}
    )


async def fail_job(session: AsyncSession, job_id: str, error: str) -> None:
    """Mark a job failed for good and tell its owner once. `error` is a sentence for people."""
    await _end_job(session, job_id, {"status": JobStatus.FAILED, "error": error})


async def _end_job(session: AsyncSession, job_id: str, end: dict[str, Any]) -> None:
    context: TenantContext = session.info["context"]
    statement = (
        update(BackgroundJob)
        .where(
            BackgroundJob.district_id == context.tenant.value,
            BackgroundJob.id == UUID(job_id),
            BackgroundJob.finished_at.is_(None),
        )
        .values(finished_at=func.now(), **end)
        .returning(
            BackgroundJob.user_id, BackgroundJob.school_id, BackgroundJob.kind, BackgroundJob.finished_at
        )
    )
    job = (await session.execute(statement)).one_or_none()
    if job is None:
        return
    status, result = end["status"].value, end.get("result")
    payload = {"job_id": job_id, "kind": job.kind, "status": status, "result": result}
    draft = UserEventDraft("job:done", payload, job.finished_at, job.school_id)
    await record_user_event(session, [job.user_id], draft)
