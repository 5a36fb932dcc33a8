"""Grading one written answer in the background: asked outside any transaction, written once, overruled by people."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from procrastinate.tasks import Task as Queued
from sqlalchemy.ext.asyncio import AsyncSession

from api.ai_grading import queries
from api.ai_grading.grading import Case, grade
from api.ai_grading.offline import suggest
from api.ai_grading.scoring import Scored, Task, UnusableReplyError
from api.ai_grading.suspicions import LONGEST_ANSWER
from api.generation.reading import language_of
from api.generation.running import model_of
from api.grades.settling import Cause, Cells, settle_grades
from api.grades.telling import grade_tellings
from api.jobs.service import finish_job, wait_again
from api.submissions.scoring import lock_attempts, rescore
from api.submissions.telling import answer_tellings
from core.ai import AiError, ProviderUnavailableError
from core.consents import require_ai_consent
from core.errors import AppError
from core.ids import new_id
from core.jobs import Workplace, enqueue
from core.models import (
    AiGradingState,
    AnswerGrader,
    AnswerStatus,
    GenerationMode,
    Question,
    StudentAnswer,
    StudentSubmission,
    User,
)
from core.tenancy import TenantContext
from core.user_events import record_user_events

logger = structlog.get_logger(__name__)

SHORTEST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=4)
"""Between tries while the provider is away: all is graded within five minutes of its return."""


@dataclass(frozen=True)
class _Proposal:
    scored: Scored
    mode: GenerationMode
    offline_reason: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    interaction_id: UUID | None = None


@dataclass(frozen=True)
class _Work:
    answer: StudentAnswer
    attempt: StudentSubmission
    question: Question
    case: Case


async def grade_answer(
    place: Workplace, context: TenantContext, task: Queued[Any, Any, Any], answer_id: UUID, job_id: UUID
) -> None:
    """Propose a score for a written answer and release it where the district allows; safe to run at any time.

    When the provider is away the answer stays `pending` and `task` comes back by itself.
    """
    work, refusal = await _read(place, context, answer_id)
    if work is None:
        await _end(place, context, job_id, answer_id)
        return
    try:
        proposal = await _propose(place, context, work, refusal)
    except ProviderUnavailableError as error:
        await _wait(place, context, task, work, job_id, error.seconds_to_wait)
        return
    await _store(place, context, work, proposal, job_id)


async def _read(place: Workplace, context: TenantContext, answer_id: UUID) -> tuple[_Work | None, str | None]:
    """Return what is to be graded, and why no model may see it; None where nothing is left to do."""
    async with place.database.tenant_transaction(context) as session:
        found = (await session.execute(queries.answer_to_grade(context, answer_id))).one_or_none()
        if found is None or not _is_wanted(found[0]):
            return None, None
        answer, attempt, question, student = found
        known = await session.scalar(queries.grading_of(context, answer_id, question.key_version))
        if known is not None and answer.status is not AnswerStatus.PENDING:
            return None, None
        refusal = None
        try:
            await require_ai_consent(session, place.ring.columns, student.id, now=place.clock())
        except AppError:
            refusal = "no_consent"
        return _Work(answer, attempt, question, _case(answer, question, student)), refusal


def _is_wanted(answer: StudentAnswer) -> bool:
    """Whether a machine may still score it: it counts, and no person has."""
    return answer.counts and answer.graded_by is not AnswerGrader.TEACHER and "text" in answer.answer


def _case(answer: StudentAnswer, question: Question, student: User) -> Case:
    text = str(answer.answer.get("text", ""))
    return Case(
        answer_id=answer.id,
        school_id=answer.school_id,
        rubric_version=question.key_version,
        task=Task(
            text=text,
            prompt=question.prompt,
            model_answer=question.model_answer,
            rubric=question.rubric or [],
            points=question.points,
            partial_credit=question.partial_credit,
        ),
        grade_level=student.grade_level,
        language=language_of(text or question.prompt),
        names=(student.name, *student.name.split()),
    )


async def _propose(place: Workplace, context: TenantContext, work: _Work, refusal: str | None) -> _Proposal:
    """Ask a model, or say why none was asked. Raises ProviderUnavailableError."""
    case = work.case
    if refusal is None and len(case.task.text) > LONGEST_ANSWER:
        refusal = "too_long"
    if refusal is not None:
        return _without_model(case, refusal)
    try:
        graded = await grade(model_of(place), context, place.ring.columns, case)
    except ProviderUnavailableError:
        raise
    except (AiError, UnusableReplyError) as error:
        logger.warning("answer_graded_offline", answer_id=str(case.answer_id), reason=error.reason)
        return _without_model(case, error.reason)
    return _Proposal(
        graded.scored, GenerationMode.AI, None, graded.model, graded.prompt_label, graded.interaction_id
    )


def _without_model(case: Case, reason: str) -> _Proposal:
    return _Proposal(suggest(case.task), GenerationMode.OFFLINE, reason)


async def _store(
    place: Workplace, context: TenantContext, work: _Work, proposal: _Proposal, job_id: UUID
) -> None:
    """Write the proposal and what follows from it in one transaction, if the answer is still as it was read."""
    now = place.clock()
    async with place.database.tenant_transaction(context) as session:
        await lock_attempts(session, [work.attempt.id])
        answer, attempt, question, _ = (
            await session.execute(queries.answer_to_grade(context, work.answer.id))
        ).one()
        is_current = _is_wanted(answer) and question.key_version == work.case.rubric_version
        is_released = is_current and await _may_be_released(session, context, proposal)
        state = (
            AiGradingState.OVERTAKEN
            if not is_current
            else AiGradingState.RELEASED
            if is_released
            else AiGradingState.WAITING
        )
        row = _ledger_row(context, work, proposal)
        written = await session.execute(queries.new_grading({**row, "state": state, "graded_at": now}))
        if is_current and written.rowcount:  # type: ignore[attr-defined]
            await _apply(session, answer, attempt, proposal, is_released=is_released, place=place)
        await finish_job(session, str(job_id), _result(answer))


async def _may_be_released(session: AsyncSession, context: TenantContext, proposal: _Proposal) -> bool:
    """A model's score counts by itself from the district's confidence on, and when nothing is suspicious."""
    if proposal.mode is GenerationMode.OFFLINE or proposal.scored.suspicions:
        return False
    settings = await session.scalar(queries.settings_of(context))
    threshold: Decimal | None = None if settings is None else settings.ai_release_confidence
    return threshold is not None and proposal.scored.confidence >= threshold


async def _apply(
    session: AsyncSession,
    answer: StudentAnswer,
    attempt: StudentSubmission,
    proposal: _Proposal,
    *,
    is_released: bool,
    place: Workplace,
) -> None:
    now = place.clock()
    if not is_released:
        if answer.status is AnswerStatus.PENDING:
            answer.status = AnswerStatus.AWAITING_TEACHER
        return
    answer.score, answer.feedback = proposal.scored.score, proposal.scored.feedback
    answer.is_correct = answer.score == answer.possible
    answer.status, answer.graded_by, answer.graded_at = AnswerStatus.GRADED, AnswerGrader.AI, now
    await session.flush()
    await rescore(session, [attempt.id])
    cells = Cells(attempt.class_id, (attempt.assignment_id,), (attempt.student_id,))
    cause = Cause("graded by a model", now, answer_id=answer.id)
    is_handed_in = attempt.submitted_at is not None
    changed = await settle_grades(session, cells, cause) if is_handed_in else []
    tellings = await answer_tellings(session, [answer], now=now)
    tellings += await grade_tellings(session, attempt.class_id, changed, cause)
    await record_user_events(session, tellings)


def _ledger_row(context: TenantContext, work: _Work, proposal: _Proposal) -> dict[str, Any]:
    answer, scored = work.answer, proposal.scored
    return {
        "district_id": context.tenant.value,
        "school_id": answer.school_id,
        "id": new_id(),
        "class_id": work.attempt.class_id,
        "assignment_id": answer.assignment_id,
        "question_id": answer.question_id,
        "student_id": answer.student_id,
        "answer_id": answer.id,
        "rubric_version": work.case.rubric_version,
        "mode": proposal.mode,
        "offline_reason": proposal.offline_reason,
        "model": proposal.model,
        "prompt_version": proposal.prompt_version,
        "interaction_id": proposal.interaction_id,
        "criteria": scored.criteria,
        "score": scored.score,
        "possible": work.question.points,
        "confidence": scored.confidence,
        "feedback": scored.feedback,
        "suspicions": [suspicion.as_json() for suspicion in scored.suspicions],
    }


async def _wait(
    place: Workplace,
    context: TenantContext,
    task: Queued[Any, Any, Any],
    work: _Work,
    job_id: UUID,
    seconds_to_wait: float | None,
) -> None:
    """Come back later: after as long as the answer has waited already, but soon enough."""
    now = place.clock()
    waited = min(max(now - work.answer.answered_at, SHORTEST_WAIT), LONGEST_WAIT)
    pause = max(waited, min(timedelta(seconds=seconds_to_wait or 0), LONGEST_WAIT))
    async with place.database.tenant_transaction(context) as session:
        await enqueue(session, task, not_before=now + pause, answer_id=work.answer.id, job_id=job_id)
        await wait_again(session, job_id)


async def _end(place: Workplace, context: TenantContext, job_id: UUID, answer_id: UUID) -> None:
    """End a job that has nothing to do any more."""
    async with place.database.tenant_transaction(context) as session:
        found = (await session.execute(queries.answer_to_grade(context, answer_id))).one_or_none()
        if found is not None:
            await finish_job(session, str(job_id), _result(found[0]))


def _result(answer: StudentAnswer) -> dict[str, Any]:
    return {"answer_id": str(answer.id), "status": answer.status.value}
