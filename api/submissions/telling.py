"""Telling students that an answer of theirs has a score, where they may know it by now."""

from collections import defaultdict
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
from core.notifications import Notice, NotificationKind, write_notifications
from core.tenancy import TenantContext
from core.user_events import Telling, UserEventDraft


@dataclass(frozen=True, slots=True)
class _Told:
    student_id: UUID
    school_id: UUID
    assignment_id: UUID
    payload: dict[str, Any]


async def answer_tellings(
    session: AsyncSession, answers: Sequence[StudentAnswer], *, now: datetime, is_news: bool = True
) -> list[Telling]:
    """Return `answer:graded` for each answer whose verdict is released, to be recorded with what else is told.

    Grades are settled before: settling takes places in the class, and whoever holds one tells last. `is_news`: the
    students wait for it, so it is also written down as a notification; not where the answer is their own call's.
    """
    released = await _released(session, answers, now)
    notices = await _notifications(session, released, now) if is_news else []
    return [*notices, *_events(released, now)]


def _events(released: Sequence[_Told], now: datetime) -> list[Telling]:
    """One for each round of distinct students: one, where each has one answer."""
    rounds: list[dict[UUID, _Told]] = []
    for told in released:
        free = next((one for one in rounds if told.student_id not in one), None)
        if free is None:
            rounds.append({told.student_id: told})
        else:
            free[told.student_id] = told
    tellings: list[Telling] = []
    for one in rounds:
        school_id = next(iter(one.values())).school_id
        own = {student_id: told.payload for student_id, told in one.items()}
        tellings.append((list(one), UserEventDraft("answer:graded", {}, now, school_id, own)))
    return tellings


async def _notifications(session: AsyncSession, released: Sequence[_Told], now: datetime) -> list[Telling]:
    """One for each student and assignment, however many of the answers were graded; a statement per assignment."""
    students: dict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    for one in released:
        students[one.assignment_id, one.school_id].append(one.student_id)
    tellings = []
    for (assignment_id, school_id), graded in sorted(students.items()):
        related = ("assignment", assignment_id)
        notice = Notice(NotificationKind.ANSWER_GRADED, "An answer of yours was graded", related)
        telling = await write_notifications(session, graded, notice, school_id=school_id, now=now)
        if telling is not None:
            tellings.append(telling)
    return tellings


async def _released(session: AsyncSession, answers: Sequence[StudentAnswer], now: datetime) -> list[_Told]:
    context: TenantContext = session.info["context"]
    attempts = attempts_with_terms(context.tenant.value, {answer.submission_id for answer in answers})
    terms = {row[0].id: (row[0], Terms.of(*row[1:])) for row in await session.execute(attempts)}
    told = []
    for answer in sorted(answers, key=lambda answer: answer.id):
        attempt, own = terms[answer.submission_id]
        submitted = attempt.status is not SubmissionStatus.IN_PROGRESS
        if own.is_released(submitted=submitted, now=now):
            told.append(_Told(answer.student_id, answer.school_id, answer.assignment_id, _payload(answer)))
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
