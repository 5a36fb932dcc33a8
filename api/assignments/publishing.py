"""Showing an assignment to its class, taking it back, and putting it away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments import queries
from api.assignments.errors import HasSubmissionsError, NothingToPublishError, UnreviewedQuestionsError
from api.assignments.presentation import show_assignment
from api.assignments.schemas import AssignmentOut
from api.assignments.service import find_own_assignment
from api.assignments.settlement import settle_assignment
from api.classes.queries import approved_students
from core.audit import record_audit
from core.models import Assignment, AssignmentStatus
from core.notifications import Notice, NotificationKind, notify
from core.tenancy import Actor


async def publish_assignment(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, allow_unreviewed: bool, now: datetime
) -> AssignmentOut:
    """Show a draft to the class and tell its students; publishing again changes nothing.

    Raises NothingToPublishError without questions, and UnreviewedQuestionsError for questions nobody has looked at
    unless `allow_unreviewed`, which the audit trail keeps. What was archived comes back without a word to students
    who know it already.
    """
    assignment = await find_own_assignment(session, actor, assignment_id)
    if assignment.status is AssignmentStatus.PUBLISHED:
        return show_assignment(assignment)
    count, _ = (await session.execute(queries.question_totals(actor, assignment_id))).one()
    if count == 0:
        raise NothingToPublishError
    unreviewed = list(await session.scalars(queries.unreviewed_questions(actor, assignment_id)))
    if unreviewed and not allow_unreviewed:
        raise UnreviewedQuestionsError(field="allow_unreviewed")
    is_new = assignment.published_at is None
    _move(assignment, AssignmentStatus.PUBLISHED)
    assignment.published_at = assignment.published_at or now
    await session.flush()
    details = {"unreviewed_question_ids": [str(question_id) for question_id in unreviewed]}
    await _record(session, actor, "published", assignment, now=now, details=details if unreviewed else {})
    await settle_assignment(session, actor, assignment, "assignment published", now=now)
    if is_new:
        await _tell_class(session, actor, assignment, now)
    return show_assignment(assignment)


async def unpublish_assignment(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, now: datetime
) -> AssignmentOut:
    """Make a draft of it again. Raises HasSubmissionsError when somebody has begun it.

    Who begins it locks it first, so nobody can begin between the question and the change.
    """
    assignment = await find_own_assignment(session, actor, assignment_id)
    if assignment.status is AssignmentStatus.DRAFT:
        return show_assignment(assignment)
    if await session.scalar(queries.attempts_at(actor, assignment_id)) is not None:
        raise HasSubmissionsError
    _move(assignment, AssignmentStatus.DRAFT)
    assignment.published_at = None
    await _record(session, actor, "unpublished", assignment, now=now)
    await settle_assignment(session, actor, assignment, "assignment withdrawn", now=now)
    return show_assignment(assignment)


async def archive_assignment(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, now: datetime
) -> AssignmentOut:
    """Put an assignment away: nobody begins it any more, its work and grades stay readable."""
    assignment = await find_own_assignment(session, actor, assignment_id)
    if assignment.status is not AssignmentStatus.ARCHIVED:
        _move(assignment, AssignmentStatus.ARCHIVED)
        await _record(session, actor, "archived", assignment, now=now)
    return show_assignment(assignment)


def _move(assignment: Assignment, status: AssignmentStatus) -> None:
    assignment.status = status
    assignment.version += 1


async def _record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    assignment: Assignment,
    *,
    now: datetime,
    details: dict[str, list[str]] | None = None,
) -> None:
    target = ("assignment", assignment.id)
    await record_audit(session, actor, action, target, now=now, details=details or {})


async def _tell_class(session: AsyncSession, actor: Actor, assignment: Assignment, now: datetime) -> None:
    students = list(await session.scalars(approved_students(actor, assignment.class_id)))
    notice = Notice(NotificationKind.ASSIGNMENT_POSTED, assignment.title, ("assignment", assignment.id))
    await notify(session, students, notice, school_id=assignment.school_id, now=now)
