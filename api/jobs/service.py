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
from core.notifications import Notice, NotificationKind, write_notifications
from core.tenancy import Actor, TenantContext
from core.user_events import Telling, UserEventDraft, record_user_events

CANCELLABLE = frozenset({"write_questions", "replace_question", "write_bank"})
"""Kinds that look, between their steps, whether they are still wanted."""

AWAITED = {
    "write_questions": "The quiz you asked for",
    "replace_question": "The question you asked for",
    "import_roster": "The roster you handed in",
    "write_export": "The file you asked for",
    "tell_everybody": "What you announced",
    "read_file": "The file you sent",
    "outline_curriculum": "The curriculum you asked for",
    "regenerate_section": "The section you asked for",
    "write_bank": "The question bank you asked for",
}
"""What people are notified of; the others are parts of something that says so itself."""


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


async def drop_job(session: AsyncSession, job_id: UUID) -> None:
    """End a job that has nothing left to work on; one that has ended stays as it is."""
    await _end_job(session, str(job_id), {"status": JobStatus.CANCELLED})


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
    tellings: list[Telling] = []
    related = ("job", UUID(job_id))
    if title := _title(job.kind, end["status"]):
        notice = Notice(NotificationKind.JOB_DONE, title, related)
        written = await write_notifications(
            session, [job.user_id], notice, school_id=job.school_id, now=job.finished_at
        )
        tellings += [] if written is None else [written]
    await record_user_events(session, [*tellings, ([job.user_id], draft)])


def _title(kind: str, status: JobStatus) -> str | None:
    """Only of what people asked for and wait for; whoever cancels something knows it."""
    what = AWAITED.get(kind)
    if what is None or status is JobStatus.CANCELLED:
        return None
    return f"{what} is ready" if status is JobStatus.SUCCEEDED else f"{what} could not be finished"
