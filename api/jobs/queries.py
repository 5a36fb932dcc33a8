from uuid import UUID

from sqlalchemy import Select, select

from core.models import BackgroundJob
from core.tenancy import Actor


def own_job(actor: Actor, job_id: UUID) -> Select[tuple[BackgroundJob]]:
    """A job is shown to the person who caused it."""
    return select(BackgroundJob).where(
        BackgroundJob.district_id == actor.district_id,
        BackgroundJob.id == job_id,
        BackgroundJob.user_id == actor.user_id,
    )


def job_about(actor: Actor, subject_id: UUID) -> Select[tuple[UUID]]:
    """The job that works on something of the actor's."""
    return select(BackgroundJob.id).where(
        BackgroundJob.district_id == actor.district_id,
        BackgroundJob.user_id == actor.user_id,
        BackgroundJob.subject_id == subject_id,
    )
