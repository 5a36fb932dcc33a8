"""What administrators tell a whole school or district: written at once, told in the background in batches."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.jobs.service import create_job, finish_job
from api.notifications import queries
from api.notifications.schemas import AnnouncementIn, AnnouncementStarted
from api.notifications.tasks import ANNOUNCE_KIND, tell_everybody
from core.audit import record_audit
from core.db import Database
from core.errors import NotFoundError
from core.ids import new_id
from core.jobs import enqueue
from core.models import SystemAnnouncement
from core.notifications import Notice, NotificationKind, write_notifications
from core.tenancy import Actor, TenantContext
from core.user_events import record_user_events

BATCH = 500
"""People told in one transaction: it holds the counter of each until it commits."""


async def announce(
    session: AsyncSession, actor: Actor, body: AnnouncementIn, *, now: datetime
) -> AnnouncementStarted:
    """Write an announcement and the job that tells it. Raises NotFoundError for a school that is not theirs."""
    school_id = body.school_id or actor.school_id
    if school_id is not None:
        is_foreign = actor.school_id not in {None, school_id}
        if is_foreign or await session.scalar(queries.school(actor.tenant, school_id)) is None:
            raise NotFoundError(field="school_id")
    announcement_id = new_id()
    job_id = await create_job(session, actor, ANNOUNCE_KIND, subject_id=announcement_id)
    session.add(
        SystemAnnouncement(
            district_id=actor.district_id,
            school_id=school_id,
            id=announcement_id,
            author_id=actor.user_id,
            audience=body.audience,
            title=body.title,
            body=body.body,
            job_id=job_id,
        )
    )
    details = {"audience": body.audience.value, "school_id": None if school_id is None else str(school_id)}
    target = ("announcement", announcement_id)
    await record_audit(session, actor, "announced", target, now=now, details=details)
    await session.flush()
    await enqueue(session, tell_everybody, announcement_id=announcement_id)
    return AnnouncementStarted(job_id=job_id, announcement_id=announcement_id)


async def tell_all(
    database: Database, context: TenantContext, announcement_id: UUID, *, now: datetime
) -> None:
    """Tell everybody who was not told yet, then say that it is done; safe to run again and beside itself."""
    while True:
        async with database.tenant_transaction(context) as session:
            if not await _tell_next(session, context, announcement_id, now):
                break
    async with database.tenant_transaction(context) as session:
        announcement = await session.scalar(queries.held_announcement(context.tenant, announcement_id))
        if announcement is not None:
            await finish_job(session, str(announcement.job_id), {"announcement_id": str(announcement_id)})


async def _tell_next(
    session: AsyncSession, context: TenantContext, announcement_id: UUID, now: datetime
) -> bool:
    """Tell one batch and remember it in the same transaction; say whether there was anybody left."""
    announcement = await session.scalar(queries.held_announcement(context.tenant, announcement_id))
    if announcement is None:
        return False
    schools: dict[UUID | None, list[UUID]] = defaultdict(list)
    for user_id, school_id in (await session.execute(queries.next_people(announcement, BATCH))).tuples():
        schools[school_id].append(user_id)
    if not schools:
        return False
    announcement.told_up_to = max(people[-1] for people in schools.values())
    await session.flush()
    notice = _notice(announcement)
    written = [
        await write_notifications(session, people, notice, school_id=school_id, now=now)
        for school_id, people in schools.items()
    ]
    await record_user_events(session, [telling for telling in written if telling is not None])
    return True


def _notice(announcement: SystemAnnouncement) -> Notice:
    related = ("announcement", announcement.id)
    return Notice(NotificationKind.SYSTEM_ANNOUNCEMENT, announcement.title, related, body=announcement.body)
