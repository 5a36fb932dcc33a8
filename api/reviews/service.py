"""Deciding on answers: a person's score, which no machine changes any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import case, literal
from sqlalchemy.ext.asyncio import AsyncSession

from api.classes.service import find_class
from api.grades.settling import Cause, Cells, SettledGrade, settle_grades
from api.grades.telling import grade_tellings
from api.paging import PageRequest, fetch_page
from api.reviews import queries
from api.reviews.errors import AnswerDoesNotCountError, NoProposalError, ScoreOutOfRangeError
from api.reviews.schemas import AcceptResult, Proposal, ReviewIn, ReviewOut
from api.submissions.scoring import lock_attempts, rescore
from api.submissions.telling import answer_tellings
from core.errors import AppError, NotFoundError
from core.models import (
    AiGrading,
    AiGradingState,
    AnswerGrader,
    AnswerStatus,
    Question,
    StudentAnswer,
    StudentSubmission,
)
from core.models.question import POINTS
from core.tenancy import Actor
from core.user_events import record_user_events


@dataclass(frozen=True)
class QueueFilters:
    """What of the queue is asked for; None is everything."""

    class_id: UUID | None
    assignment_id: UUID | None
    question_id: UUID | None
    suspicious: bool | None
    released: bool
    include_pending: bool


@dataclass(frozen=True)
class _Decision:
    answer: StudentAnswer
    attempt: StudentSubmission
    score: Decimal
    feedback: str | None


async def list_reviews(
    session: AsyncSession, actor: Actor, filters: QueueFilters, page: PageRequest
) -> tuple[list[ReviewOut], str | None]:
    """Return a page of answers that wait for a person, oldest first. Raises NotFoundError."""
    statement = queries.reviewable(actor)
    if filters.class_id is not None:
        await find_class(session, actor, filters.class_id)
        statement = statement.where(StudentSubmission.class_id == filters.class_id)
    if filters.assignment_id is not None:
        statement = statement.where(StudentAnswer.assignment_id == filters.assignment_id)
    if filters.question_id is not None:
        statement = statement.where(StudentAnswer.question_id == filters.question_id)
    if filters.suspicious is not None:
        statement = queries.suspicious(statement, wanted=filters.suspicious)
    if filters.released:
        statement = queries.released(statement)
    else:
        statement = queries.waiting(statement, include_pending=filters.include_pending)
    rows, cursor = await fetch_page(session, statement, StudentAnswer.id, page)
    return [_shown(*row[:5]) for row in rows], cursor


async def read_review(session: AsyncSession, actor: Actor, answer_id: UUID) -> ReviewOut:
    """Return one answer with its newest proposal. Raises NotFoundError, AnswerDoesNotCountError."""
    return _shown(*await _found(session, actor, answer_id))


async def _found(session: AsyncSession, actor: Actor, answer_id: UUID) -> Any:
    statement = queries.reviewable(actor).where(StudentAnswer.id == answer_id)
    found = (await session.execute(statement.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise NotFoundError
    return found


async def decide(
    session: AsyncSession, actor: Actor, answer_id: UUID, body: ReviewIn, *, now: datetime
) -> ReviewOut:
    """Give an answer a teacher's score, or another one.

    Raises NotFoundError, ScoreOutOfRangeError or AnswerDoesNotCountError.
    """
    _, attempt, _, _, proposal = await _found(session, actor, answer_id)
    await lock_attempts(session, [attempt.id])
    try:
        answer = (await _found(session, actor, answer_id))[0]
    except NotFoundError as error:  # another try has taken its place meanwhile
        raise AnswerDoesNotCountError from error
    if body.score > answer.possible:
        raise ScoreOutOfRangeError(field="score")
    feedback = body.feedback or answer.feedback or (None if proposal is None else proposal.feedback)
    await _write(session, actor, [_Decision(answer, attempt, body.score, feedback)], now=now)
    return await read_review(session, actor, answer_id)


async def accept_proposals(
    session: AsyncSession, actor: Actor, answer_ids: Sequence[UUID], *, now: datetime
) -> list[AcceptResult]:
    """Take proposals as they are; one that cannot be taken keeps nothing back from the others.

    Raises NotFoundError when none of the answers is within reach.
    """
    wanted = list(dict.fromkeys(answer_ids))
    statement = queries.reviewable(actor).where(StudentAnswer.id.in_(wanted))
    found = {row[0].id: row for row in await session.execute(statement)}
    if not found:
        raise NotFoundError
    await lock_attempts(session, [row[1].id for row in found.values()])
    fresh = await session.execute(statement.execution_options(populate_existing=True))
    found = {row[0].id: row for row in fresh}
    decisions, results = [], []
    for answer_id in wanted:
        try:
            decisions.append(_acceptance(found.get(answer_id)))
            results.append(AcceptResult(answer_id=answer_id, status="accepted", code=None))
        except AppError as error:
            results.append(AcceptResult(answer_id=answer_id, status="rejected", code=error.code))
    await _write(session, actor, decisions, now=now)
    return results


def _acceptance(found: Any) -> _Decision:
    if found is None:
        raise NotFoundError
    answer, attempt, _, _, proposal = found
    if proposal is None or proposal.state is not AiGradingState.WAITING:
        raise NoProposalError
    return _Decision(answer, attempt, proposal.score, proposal.feedback)


async def _write(
    session: AsyncSession, actor: Actor, decisions: Sequence[_Decision], *, now: datetime
) -> None:
    """Write scores, the words beside the proposals, attempts and grades; tell the students."""
    if not decisions:
        return
    for decision in decisions:
        answer = decision.answer
        answer.score, answer.feedback = decision.score, decision.feedback
        answer.is_correct = decision.score == answer.possible
        answer.status, answer.graded_at = AnswerStatus.GRADED, now
        answer.graded_by, answer.grader_id = AnswerGrader.TEACHER, actor.user_id
    await session.flush()
    await _record_words(session, actor, decisions, now)
    await rescore(session, [decision.attempt.id for decision in decisions])
    settled = await _settle(session, actor, decisions, now)
    tellings = await answer_tellings(session, [decision.answer for decision in decisions], now=now)
    for class_id, changed, cause in settled:
        tellings += await grade_tellings(session, class_id, changed, cause)
    await record_user_events(session, tellings)


async def _record_words(
    session: AsyncSession, actor: Actor, decisions: Sequence[_Decision], now: datetime
) -> None:
    scores = case(
        *(
            (AiGrading.answer_id == decision.answer.id, literal(decision.score, POINTS))
            for decision in decisions
        )
    )
    state = case(
        (AiGrading.score == scores, AiGradingState.ACCEPTED.value), else_=AiGradingState.CHANGED.value
    )
    values = {"state": state, "decided_by": actor.user_id, "decided_at": now}
    answer_ids = [decision.answer.id for decision in decisions]
    await session.execute(queries.decided_by_person(actor, answer_ids, scores, values))


async def _settle(
    session: AsyncSession, actor: Actor, decisions: Sequence[_Decision], now: datetime
) -> list[tuple[UUID, list[SettledGrade], Cause]]:
    """Settle what was handed in, class by class; an open attempt is settled when it is.

    Every place is taken before anybody is told: who enters scores holds a place and then tells.
    """
    by_class: dict[UUID, list[_Decision]] = {}
    for decision in decisions:
        if decision.attempt.submitted_at is not None:
            by_class.setdefault(decision.attempt.class_id, []).append(decision)
    settled = []
    for class_id, found in sorted(by_class.items()):
        assignments = tuple({decision.attempt.assignment_id for decision in found})
        students = tuple({decision.attempt.student_id for decision in found})
        answer_id = found[0].answer.id if len(found) == 1 else None
        cause = Cause("reviewed", now, actor.user_id, answer_id)
        changed = await settle_grades(session, Cells(class_id, assignments, students), cause)
        settled.append((class_id, changed, cause))
    return settled


def _shown(
    answer: StudentAnswer,
    attempt: StudentSubmission,
    question: Question,
    name: str,
    proposal: AiGrading | None,
) -> ReviewOut:
    return ReviewOut(
        answer_id=answer.id,
        submission_id=attempt.id,
        assignment_id=attempt.assignment_id,
        class_id=attempt.class_id,
        student_id=attempt.student_id,
        student_name=name,
        question_id=question.id,
        prompt=question.prompt,
        rubric=question.rubric,
        model_answer=question.model_answer,
        answer=answer.answer,
        answered_at=answer.answered_at,
        status=answer.status,
        score=answer.score,
        possible=answer.possible,
        graded_by=answer.graded_by,
        feedback=answer.feedback,
        proposal=None if proposal is None else Proposal.model_validate(proposal),
    )
