"""Background jobs as the person who caused them sees them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Update, func, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.jobs import queries
from core.db import after_commit
from core.emit import Emitter
from core.errors import ConflictError, NotFoundError
from core.ids import new_id
from core.models import BackgroundJob, JobStatus
from core.tenancy import Actor, TenantContext
from core.user_events import UserEventDraft, record_user_event

CANCELLABLE = frozenset({"write_questions", "replace_question"})
"""Kinds that look, between their steps, whether they are still wanted."""


class JobNotCancellableError(ConflictError):
    """This job has ended, or will in a moment; it cannot be cancelled."""

    code = "job_not_cancellable"


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


async def fail_job(
    session: AsyncSession, job_id: str, error: str, result: dict[str, Any] | None = None
) -> None:
    """Mark a job failed for good and tell its owner once. `error` is a sentence for people."""
    await _end_job(session, job_id, {"status": JobStatus.FAILED, "error": error, "result": result})


async def cancel_job(session: AsyncSession, actor: Actor, job_id: UUID) -> BackgroundJob:
    """End one's own job; what works on it finds out before its next step. Cancelling twice is cancelling once.

    Raises NotFoundError, or JobNotCancellableError for a job that has ended, or that ends by itself at once.
    """
    job: BackgroundJob | None = await session.scalar(queries.own_job(actor, job_id).with_for_update())
    if job is None:
        raise NotFoundError
    if job.status is JobStatus.CANCELLED:
        return job
    if job.finished_at is not None or job.kind not in CANCELLABLE:
        raise JobNotCancellableError
    await _end_job(session, str(job_id), {"status": JobStatus.CANCELLED})
    await session.refresh(job)
    return job


async def report_progress(session: AsyncSession, job_id: UUID, percent: int) -> None:
    """Show how far a job is, 0 to 100, and hint at it to its owner's sockets when this has committed."""
    context: TenantContext = session.info["context"]
    statement = (
        _unfinished(context, job_id)
        .values(progress_percent=percent, status=JobStatus.RUNNING)
        .returning(BackgroundJob.user_id)
    )
    user_id = await session.scalar(statement)
    if user_id is None:
        return
    emitter: Emitter = session.info["emitter"]
    hint = {"job_id": str(job_id), "percent": percent}

    async def tell() -> None:
        await emitter.to_user(context.tenant, user_id, "job:progress", hint)

    after_commit(session, tell)


async def wait_again(session: AsyncSession, job_id: UUID) -> None:
    """Show that a job waits for its next try."""
    context: TenantContext = session.info["context"]
    await session.execute(_unfinished(context, job_id).values(status=JobStatus.QUEUED))


def _unfinished(context: TenantContext, job_id: UUID) -> Update:
    return update(BackgroundJob).where(
        BackgroundJob.district_id == context.tenant.value,
        BackgroundJob.id == job_id,
        BackgroundJob.finished_at.is_(None),
    )


async def _end_job(session: AsyncSession, job_id: str, end: dict[str, Any]) -> None:
    context: TenantContext = session.info["context"]
    statement = (
        _unfinished(context, UUID(job_id))
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
