"""Telling students that an answer of theirs has a score, where they may know it by now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas import exact
from api.submissions.queries import attempts_with_terms
from api.submissions.terms import Terms
from core.domain.grading import verdict
from core.models import StudentAnswer, SubmissionStatus
from core.tenancy import TenantContext
from core.user_events import UserEventDraft, record_user_event


@dataclass(frozen=True, slots=True)
class _Told:
    student_id: UUID
    school_id: UUID
    payload: dict[str, Any]


async def tell_of_answers(session: AsyncSession, answers: Sequence[StudentAnswer], *, now: datetime) -> None:
    """Record `answer:graded` for each answer whose verdict is released; call it before grades are told.

    Grades are settled before either: settling takes places in the class, and whoever holds one tells last.
    One statement for what is released, and one for each round of distinct students: one, where each has one answer.
    """
    rounds: list[dict[UUID, _Told]] = []
    for told in await _released(session, answers, now):
        free = next((one for one in rounds if told.student_id not in one), None)
        if free is None:
            rounds.append({told.student_id: told})
        else:
            free[told.student_id] = told
    for one in rounds:
        school_id = next(iter(one.values())).school_id
        own = {student_id: told.payload for student_id, told in one.items()}
        await record_user_event(session, list(one), UserEventDraft("answer:graded", {}, now, school_id, own))


async def _released(session: AsyncSession, answers: Sequence[StudentAnswer], now: datetime) -> list[_Told]:
    context: TenantContext = session.info["context"]
    attempts = attempts_with_terms(context.tenant.value, {answer.submission_id for answer in answers})
    terms = {row[0].id: (row[0], Terms.of(*row[1:])) for row in await session.execute(attempts)}
    told = []
    for answer in sorted(answers, key=lambda answer: answer.id):
        attempt, own = terms[answer.submission_id]
        submitted = attempt.status is not SubmissionStatus.IN_PROGRESS
        if own.is_released(submitted=submitted, now=now):
            told.append(_Told(answer.student_id, answer.school_id, _payload(answer)))
    return told


def _payload(answer: StudentAnswer) -> dict[str, Any]:
    return {
        "answer_id": str(answer.id),
        "submission_id": str(answer.submission_id),
        "assignment_id": str(answer.assignment_id),
        "question_id": str(answer.question_id),
        "status": answer.status.value,
        "verdict": verdict(answer.score, answer.possible),
        "score": None if answer.score is None else exact(answer.score),
        "possible": exact(answer.possible),
    }
