"""Attempts: starting or resuming one, reading it, handing it in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.assignments.queries import question_totals
from api.paging import PageRequest, fetch_page
from api.submissions import queries
from api.submissions.errors import AttemptsExhaustedError, NotAvailableYetError
from api.submissions.grades import GradeChange, set_grade
from api.submissions.presentation import present_answers
from api.submissions.schemas import (
    AnswerRecord,
    Feedback,
    SubmissionOut,
    SubmissionWithAnswers,
    SubmittedOut,
)
from core.db import run
from core.domain.grading import percent
from core.errors import NotFoundError
from core.events import InteractionEvent, record_events
from core.ids import new_id
from core.models import Assignment, GradeStatus, StudentSubmission, SubmissionStatus
from core.tenancy import Actor
from core.user_events import UserEventDraft, record_user_event


async def start_submission(
    session: AsyncSession, actor: Actor, assignment_id: UUID, *, now: datetime
) -> SubmissionWithAnswers:
    """Resume the open attempt, or start the next one.

    Raises NotFoundError, NotAvailableYetError or AttemptsExhaustedError.
    """
    assignment: Assignment | None = await session.scalar(queries.published_assignment(actor, assignment_id))
    if assignment is None:
        raise NotFoundError
    if assignment.available_at is not None and assignment.available_at > now:
        raise NotAvailableYetError
    attempts = list(await session.scalars(queries.own_attempts(actor, assignment_id)))
    if attempts and attempts[-1].status is SubmissionStatus.IN_PROGRESS:
        return await _with_answers(session, actor, attempts[-1])
    if len(attempts) >= assignment.max_attempts:
        raise AttemptsExhaustedError
    return await _start_attempt(session, actor, assignment, number=len(attempts) + 1, now=now)


async def _start_attempt(
    session: AsyncSession, actor: Actor, assignment: Assignment, *, number: int, now: datetime
) -> SubmissionWithAnswers:
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
    if submission_id is not None:
        await record_events(session, actor, [_event("started", attempt, now)], now)
    return await _with_answers(session, actor, attempt)


async def list_submissions(
    session: AsyncSession, actor: Actor, page: PageRequest, *, filters: dict[str, Any]
) -> tuple[list[SubmissionOut], str | None]:
    """List attempts the actor may see; `filters` are exact matches by column name, None ignored."""
    statement = queries.visible_submissions(actor)
    for name, value in filters.items():
        if value is not None:
            statement = statement.where(getattr(StudentSubmission, name) == value)
    rows, cursor = await fetch_page(session, statement, StudentSubmission.id, page)
    return [SubmissionOut.model_validate(row) for row in rows], cursor


async def read_submission(session: AsyncSession, actor: Actor, submission_id: UUID) -> SubmissionWithAnswers:
    """Return an attempt with every try. Raises NotFoundError."""
    submission = await session.scalar(queries.visible_submission(actor, submission_id))
    if submission is None:
        raise NotFoundError
    return await _with_answers(session, actor, submission)


async def read_feedback(session: AsyncSession, actor: Actor, submission_id: UUID) -> Feedback:
    """Return what a student learns from an attempt. Raises NotFoundError."""
    whole = await read_submission(session, actor, submission_id)
    return Feedback(
        submission_id=whole.id, student_id=whole.student_id, status=whole.status, answers=whole.answers
    )


async def submit(session: AsyncSession, actor: Actor, submission_id: UUID, *, now: datetime) -> SubmittedOut:
    """Hand an attempt in and settle its grade; handing in again answers the same."""
    submission: StudentSubmission | None = await session.scalar(
        queries.visible_submission(actor, submission_id).with_for_update()
    )
    if submission is None:
        raise NotFoundError
    keys = {"district_id": actor.district_id, "submission_id": submission_id}
    waiting = (await run(session, queries.PENDING_COUNT, keys)).scalar_one()
    first_time = submission.status is SubmissionStatus.IN_PROGRESS
    if first_time:
        submission.status = SubmissionStatus.SUBMITTED if waiting else SubmissionStatus.GRADED
        submission.submitted_at = now
        await session.flush()
        await record_events(session, actor, [_event("submitted", submission, now)], now)
    status = GradeStatus.AWAITING_TEACHER if waiting else GradeStatus.GRADED
    change = GradeChange(submission.id, submission.score, submission.possible, status, "handed in")
    grade = await set_grade(session, actor, submission, change, now=now)
    if first_time:
        await _tell_student(session, actor, submission, grade.id, now)
    return SubmittedOut(
        **SubmissionOut.model_validate(submission).model_dump(),
        grade_id=grade.id,
        percent=grade.percent,
        grade_status=grade.status,
    )


async def _tell_student(
    session: AsyncSession, actor: Actor, submission: StudentSubmission, grade_id: UUID, now: datetime
) -> None:
    payload = {
        "grade_id": str(grade_id),
        "assignment_id": str(submission.assignment_id),
        "submission_id": str(submission.id),
        "score": str(submission.score),
        "possible": str(submission.possible),
        "percent": str(percent(submission.score, submission.possible)),
    }
    draft = UserEventDraft("grade:updated", payload, now, actor.school_id)
    await record_user_event(session, [actor.user_id], draft)


async def _with_answers(
    session: AsyncSession, actor: Actor, submission: StudentSubmission
) -> SubmissionWithAnswers:
    answers: list[AnswerRecord] = await present_answers(session, actor, submission)
    return SubmissionWithAnswers(**SubmissionOut.model_validate(submission).model_dump(), answers=answers)


def _event(verb: str, submission: StudentSubmission, now: datetime) -> InteractionEvent:
    return InteractionEvent(
        event_id=new_id(),
        verb=verb,
        object_type="submission",
        object_id=submission.id,
        occurred_at=now,
        class_id=submission.class_id,
        assignment_id=submission.assignment_id,
        submission_id=submission.id,
        payload={
            "attempt_number": submission.attempt_number,
            "score": str(submission.score),
            "possible": str(submission.possible),
        },
    )
