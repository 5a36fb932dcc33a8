"""Attempts: starting or resuming one, reading it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.queries import question_totals, with_own_exceptions
from api.paging import PageRequest, fetch_page
from api.submissions import queries
from api.submissions.errors import AttemptsExhaustedError, NoLongerAvailableError, NotAvailableYetError
from api.submissions.presentation import show_submission, show_with_answers
from api.submissions.schemas import Feedback, SubmissionOut, SubmissionWithAnswers
from api.submissions.terms import Terms
from api.submissions.traces import event_of
from core.domain.deadlines import is_open
from core.errors import NotFoundError
from core.events import record_events
from core.ids import new_id
from core.models import Assignment, StudentSubmission, SubmissionStatus
from core.tenancy import Actor


async def start_submission(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, now: datetime
) -> SubmissionWithAnswers:
    """Resume the open attempt, or start the next one.

    An open attempt whose time is up is resumed too: it can only be handed in. Raises NotFoundError,
    NotAvailableYetError, NoLongerAvailableError or AttemptsExhaustedError.
    """
    assignment, terms = await _published(session, actor, assignment_id)
    dates = terms.dates
    if dates.available_at is not None and dates.available_at > now:
        raise NotAvailableYetError
    attempts = list(await session.scalars(queries.own_attempts(actor, assignment_id)))
    if attempts and attempts[-1].status is SubmissionStatus.IN_PROGRESS:
        await record_events(session, actor, [event_of("resumed", attempts[-1], now)], now)
        return await show_with_answers(session, actor, attempts[-1], terms, now=now)
    if not is_open(dates, now):
        raise NoLongerAvailableError
    if len(attempts) >= dates.max_attempts:
        raise AttemptsExhaustedError
    attempt = await _start_attempt(session, actor, assignment, number=len(attempts) + 1, now=now)
    return await show_with_answers(session, actor, attempt, terms, now=now)


async def _published(session: AsyncSession, actor: Actor, assignment_id: UUID) -> tuple[Assignment, Terms]:
    """Return a published assignment of the student's, and the terms it is to be done under."""
    statement = with_own_exceptions(actor, queries.published_assignment(actor, assignment_id))
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFoundError
    return found[0], Terms.of(*found)


async def _start_attempt(
    session: AsyncSession, actor: Actor, assignment: Assignment, *, number: int, now: datetime
) -> StudentSubmission:
    """Insert the attempt; of two devices starting at once, the second resumes what the first began."""
    _, possible = (await session.execute(question_totals(actor, assignment.id))).one()
    statement = (
        insert(StudentSubmission)
        .values(
            district_id=assignment.district_id,
            school_id=assignment.school_id,
            id=new_id(),
            assignment_id=assignment.id,
            class_id=assignment.class_id,
            student_id=actor.user_id,
            attempt_number=number,
            status=SubmissionStatus.IN_PROGRESS,
            started_at=now,
            possible=possible,
        )
        .on_conflict_do_nothing()
        .returning(StudentSubmission.id)
    )
    submission_id = await session.scalar(statement)
    attempt: StudentSubmission | None = await session.scalar(queries.open_attempt(actor, assignment.id))
    if attempt is None:  # the other device has handed it in already
        raise AttemptsExhaustedError
    verb = "resumed" if submission_id is None else "started"
    await record_events(session, actor, [event_of(verb, attempt, now)], now)
    return attempt


async def list_submissions(
    session: AsyncSession, actor: Actor, page: PageRequest, *, filters: dict[str, Any], now: datetime
) -> tuple[list[SubmissionOut], str | None]:
    """List attempts the actor may see; `filters` are exact matches by column name, None ignored."""
    statement = queries.visible_submissions(actor)
    for name, value in filters.items():
        if value is not None:
            statement = statement.where(getattr(StudentSubmission, name) == value)
    rows, cursor = await fetch_page(session, queries.with_terms(statement), StudentSubmission.id, page)
    return [show_submission(actor, row[0], Terms.of(*row[1:4]), now=now) for row in rows], cursor


async def read_submission(
    session: AsyncSession, actor: Actor, submission_id: UUID, *, now: datetime
) -> SubmissionWithAnswers:
    """Return an attempt with every try. Raises NotFoundError."""
    statement = queries.with_terms(queries.visible_submission(actor, submission_id))
    submission, terms = await _found(session, statement)
    return await show_with_answers(session, actor, submission, terms, now=now)


async def _found(
    session: AsyncSession, statement: Select[queries.WithTerms]
) -> tuple[StudentSubmission, Terms]:
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFoundError
    return found[0], Terms.of(*found[1:])


async def read_feedback(
    session: AsyncSession, actor: Actor, submission_id: UUID, *, now: datetime
) -> Feedback:
    """Return what a student learns from an attempt. Raises NotFoundError."""
    whole = await read_submission(session, actor, submission_id, now=now)
    return Feedback(
        submission_id=whole.id,
        student_id=whole.student_id,
        status=whole.status,
        feedback_released=whole.feedback_released,
        answers=whole.answers,
    )
