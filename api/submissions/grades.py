"""The grade of an attempt, moved in the transaction of the answer that moves it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.grades.queries import grade_of
from api.submissions import queries
from core.db import run
from core.domain.grading import percent
from core.ids import new_id
from core.models import Grade, GradeSource, GradeStatus
from core.tenancy import Actor


class Attempt(Protocol):
    """What a grade needs to know of an attempt: a row of the hot path or the whole entity."""

    @property
    def school_id(self) -> UUID: ...
    @property
    def assignment_id(self) -> UUID: ...
    @property
    def class_id(self) -> UUID: ...


@dataclass(frozen=True)
class GradeChange:
    """Where an attempt's grade stands now, and why."""

    submission_id: UUID
    score: Decimal
    possible: Decimal
    status: GradeStatus
    reason: str
    answer_id: UUID | None = None
    is_posted: bool = True
    """Whether a grade that begins with this is its student's to see."""


@dataclass(frozen=True)
class Standing:
    """The grade after a change, or as it stood where nothing changed."""

    id: UUID
    percent: Decimal | None
    score: Decimal | None
    status: GradeStatus


async def set_grade(
    session: AsyncSession, actor: Actor, attempt: Attempt | Any, change: GradeChange, *, now: datetime
) -> Standing:
    """Write the acting student's grade and a line of history if anything changed; returns the grade.

    Only the running score of a first attempt moves: what was handed in, entered or overridden stays.
    """
    changed = await run(
        session,
        queries.SET_GRADE,
        {
            "district_id": actor.district_id,
            "school_id": attempt.school_id,
            "grade_id": new_id(),
            "assignment_id": attempt.assignment_id,
            "class_id": attempt.class_id,
            "student_id": actor.user_id,
            "submission_id": change.submission_id,
            "score": change.score,
            "possible": change.possible,
            "percent": percent(change.score, change.possible),
            "status": change.status.value,
            "source": GradeSource.AUTOMATIC.value,
            "actor_id": actor.user_id,
            "reason": change.reason,
            "is_posted": change.is_posted,
            "answer_id": change.answer_id,
            "now": now,
        },
    )
    standing = changed.one_or_none()
    if standing is not None:
        return Standing(standing.id, standing.percent, standing.score, GradeStatus(standing.status))
    grade: Grade = (await session.scalars(grade_of(actor, attempt.assignment_id, actor.user_id))).one()
    return Standing(grade.id, grade.percent, grade.score, grade.status)
