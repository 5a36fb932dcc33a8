"""Attempts whose time is up are handed in with what is there, by a job that looks every minute."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import Select, func, or_
from sqlalchemy.ext.asyncio import AsyncSession

from api.submissions import queries
from api.submissions.handing_in import HandIn, hand_in
from api.submissions.terms import ANSWER_GRACE, Terms
from core.db import Database
from core.models import (
    Assignment,
    AssignmentExtension,
    HandedInBy,
    StudentSubmission,
)
from core.notifications import Notice, NotificationKind, notify
from core.tenancy import Actor, Role, TenantContext

logger = structlog.get_logger(__name__)

BATCH = 200
"""Attempts looked up at a time; each is handed in by a transaction of its own."""


async def hand_in_overdue(database: Database, context: TenantContext, now: datetime) -> int:
    """Hand in a district's attempts whose time is up; returns how many. Run twice, or by several, it is done once.

    An attempt that cannot be handed in is logged and tried again the next time; the others are not kept waiting.
    """
    handed_in, after = 0, UUID(int=0)
    while True:
        async with database.tenant_transaction(context) as session:
            found = list(await session.scalars(_candidates(context, after, now)))
        for submission_id in found:
            handed_in += await _tried(database, context, submission_id, now)
        if len(found) < BATCH:
            return handed_in
        after = found[-1]


def _candidates(context: TenantContext, after: UUID, now: datetime) -> Select[tuple[UUID]]:
    """Open attempts over which some end has passed; their own terms say whether it is theirs.

    Needs only ever lengthen, so an attempt within the limits of its class is in time whoever's it is.
    """
    moment = now - ANSWER_GRACE
    minutes = func.make_interval(0, 0, 0, 0, 0, Assignment.time_limit_minutes)
    over = or_(
        StudentSubmission.started_at + minutes <= moment,
        Assignment.available_until <= moment,
        AssignmentExtension.available_until <= moment,
    )
    attempts = queries.open_attempts(context.tenant.value).where(StudentSubmission.id > after, over)
    return attempts.with_only_columns(StudentSubmission.id).order_by(StudentSubmission.id).limit(BATCH)


async def _tried(database: Database, context: TenantContext, submission_id: UUID, now: datetime) -> bool:
    try:
        async with database.tenant_transaction(context) as session:
            return await _hand_in_if_over(session, context, submission_id, now)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one attempt, the others are handed in
        logger.warning("attempt_not_handed_in", submission_id=str(submission_id), error=type(error).__name__)
        return False


async def _hand_in_if_over(
    session: AsyncSession, context: TenantContext, submission_id: UUID, now: datetime
) -> bool:
    """Hand the attempt in as of its end; one that somebody works on at this moment is left for the next time."""
    statement = queries.open_attempts(context.tenant.value).where(StudentSubmission.id == submission_id)
    held = statement.with_for_update(of=StudentSubmission, key_share=True, skip_locked=True)
    found = (await session.execute(held)).one_or_none()
    if found is None:
        return False
    submission, terms = found[0], Terms.of(*found[1:])
    end = terms.ends_at(submission.started_at)
    if end is None or not terms.is_time_up(submission.started_at, now):
        return False
    student = _student(context, submission)
    await hand_in(session, student, submission, HandIn(HandedInBy.TIME_LIMIT, end, now))
    notice = Notice(NotificationKind.SUBMISSION_CLOSED, found[1].title, ("submission", submission.id))
    await notify(session, [submission.student_id], notice, school_id=submission.school_id, now=now)
    return True


def _student(context: TenantContext, submission: StudentSubmission) -> Actor:
    """Whose work it is: events and jobs of the hand-in are the student's, as if they had done it themselves."""
    return Actor(
        submission.student_id,
        Role.STUDENT,
        tenant=context.tenant,
        school_id=submission.school_id,
        session_id=submission.id,
    )
