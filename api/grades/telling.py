"""Settling, and telling the students whose grades moved: one event each, however many of their grades did."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.grades.settling import Cause, Cells, SettledGrade, Words, settle_grades
from api.schemas import exact
from core.db import run
from core.tenancy import TenantContext
from core.user_events import Telling, UserEventDraft, record_user_events

_SCHOOL = "SELECT school_id FROM app.classes WHERE district_id = %(district_id)s AND id = %(class_id)s"


async def settle_and_tell(
    session: AsyncSession, cells: Cells, cause: Cause, words: Words | None = None
) -> list[SettledGrade]:
    """Settle, and tell each student whose posted grades changed; call it last in the transaction."""
    changed = await settle_grades(session, cells, cause, words)
    await tell_of_grades(session, cells.class_id, changed, cause)
    return changed


async def tell_of_grades(
    session: AsyncSession, class_id: UUID, changed: Sequence[SettledGrade], cause: Cause
) -> None:
    """Record `grade:updated` for the students who can see what changed (two statements)."""
    await record_user_events(session, await grade_tellings(session, class_id, changed, cause))


async def grade_tellings(
    session: AsyncSession, class_id: UUID, changed: Sequence[SettledGrade], cause: Cause
) -> list[Telling]:
    """Return what the students who can see what changed are told, to be recorded with what else is told."""
    seen: dict[UUID, list[SettledGrade]] = defaultdict(list)
    for grade in changed:
        if grade.is_posted and (not grade.was_posted or grade.score != grade.old_score or grade.percent):
            seen[grade.student_id].append(grade)
    if not seen:
        return []
    context: TenantContext = session.info["context"]
    keys = {"district_id": context.tenant.value, "class_id": class_id}
    school_id = (await run(session, _SCHOOL, keys)).scalar_one()
    own = {student_id: _payload(grades) for student_id, grades in seen.items()}
    draft = UserEventDraft("grade:updated", {"class_id": str(class_id)}, cause.now, school_id, own)
    return [(list(seen), draft)]


def _payload(grades: list[SettledGrade]) -> dict[str, Any]:
    """Tell one grade whole; of several only how many, to be read where grades are read."""
    if len(grades) > 1:
        return {"changed": len(grades)}
    (grade,) = grades
    return {
        "grade_id": str(grade.grade_id),
        "assignment_id": str(grade.assignment_id),
        "submission_id": None if grade.submission_id is None else str(grade.submission_id),
        "score": _text(grade.score),
        "possible": _text(grade.possible),
        "percent": _text(grade.percent),
        "changed": 1,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else exact(value)
