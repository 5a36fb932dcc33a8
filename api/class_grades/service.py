"""A teacher's word on an overall grade, and how it has moved."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.class_grades import queries
from api.class_grades.errors import PercentOrLetterError, UnknownLetterError
from api.class_grades.schemas import ClassGradeChangeOut, ClassGradeOut, OverallGradeOut, OverrideIn
from api.classes.service import find_taught_class
from api.explanations.service import require_place
from api.grades.settling import Cause, Cells
from api.grades.telling import settle_and_tell
from api.grading_policies.queries import newest_version
from api.grading_policies.snapshots import read_snapshot
from api.paging import PageRequest, fetch_page
from core.domain.gradebook import GradingPolicy
from core.domain.grading import round_half_up
from core.domain.letters import UnknownLetterError as NoSuchLetterError
from core.domain.letters import letter_for, percent_of_letter
from core.errors import NotFoundError
from core.models import ClassGrade, ClassGradeHistory
from core.tenancy import Actor
from core.user_events import UserEventDraft, record_user_event


async def read_class_grade(session: AsyncSession, actor: Actor, place: tuple[UUID, UUID]) -> OverallGradeOut:
    """Return the overall grade of `(class_id, student_id)`, to its student what is posted of it.

    Raises NotFoundError; before anything was settled everything in it is null.
    """
    class_id, student_id = place
    await require_place(session, actor, class_id, student_id)
    grade: ClassGrade | None = await session.scalar(queries.class_grade(actor, class_id, student_id))
    if grade is None:
        nothing = dict.fromkeys(OverallGradeOut.model_fields)
        empty = {"class_id": class_id, "student_id": student_id, "policy_version": 0, "categories": []}
        return OverallGradeOut.model_validate(nothing | empty)
    shown = OverallGradeOut.model_validate(grade)
    if not actor.is_student:
        return shown
    hidden = dict.fromkeys(name for name in OverallGradeOut.model_fields if name.startswith("all_"))
    categories = [_posted_category(category) for category in shown.categories]
    return shown.model_copy(update={**hidden, "version": None, "categories": categories})


def _posted_category(category: dict[str, Any]) -> dict[str, Any]:
    """Leave of a category what its student may see: graded and posted work, where there is any."""
    current = category["current"]
    kept = {name: category[name] for name in ("id", "name", "weight")}
    return {**kept, "current": None if current["percent"] is None else current}


async def override_class_grade(
    session: AsyncSession, actor: Actor, place: tuple[UUID, UUID], body: OverrideIn, *, now: datetime
) -> ClassGradeOut:
    """Let a teacher's percent or letter stand over the overall grade of `(class_id, student_id)`.

    Raises NotFoundError, PercentOrLetterError or UnknownLetterError.
    """
    if (body.percent is None) == (body.letter is None):
        raise PercentOrLetterError(field="percent")
    grade = await _settled(session, actor, place, now)
    policy = read_snapshot(await session.scalar(newest_version(actor, place[0])))
    word = _word(body, policy)
    return await _write(session, actor, grade, word, reason=body.reason, now=now)


async def withdraw_override(
    session: AsyncSession, actor: Actor, place: tuple[UUID, UUID], *, now: datetime
) -> ClassGradeOut:
    """Let the computed grade stand again; a second time changes nothing. Raises NotFoundError."""
    grade = await _settled(session, actor, place, now)
    if grade.overridden_at is None:
        return ClassGradeOut.model_validate(grade)
    return await _write(session, actor, grade, None, reason="override withdrawn", now=now)


async def read_history(
    session: AsyncSession, actor: Actor, place: tuple[UUID, UUID], page: PageRequest
) -> tuple[list[ClassGradeChangeOut], str | None]:
    """Return a page of an overall grade's changes, oldest first; to its student what was posted then.

    Raises NotFoundError.
    """
    class_id, student_id = place
    await require_place(session, actor, class_id, student_id)
    grade: ClassGrade | None = await session.scalar(queries.class_grade(actor, class_id, student_id))
    if grade is None:
        return [], None
    if actor.is_student:
        posted, number = queries.posted_history_of(actor, grade.id)
        rows, cursor = await fetch_page(session, posted, number, page)
        return [_show_posted(row[0], row[1], student_id) for row in rows], cursor
    statement = queries.history_of(actor, grade.id)
    rows, cursor = await fetch_page(session, statement, ClassGradeHistory.version, page)
    return [
        ClassGradeChangeOut.model_validate({**vars(row), "student_id": student_id}) for row in rows
    ], cursor


def _show_posted(row: ClassGradeHistory, number: int, student_id: UUID) -> ClassGradeChangeOut:
    states = {"old_state": _posted(row.old_state), "new_state": _posted(row.new_state)}
    shown = {**vars(row), **states, "version": number, "student_id": student_id}
    return ClassGradeChangeOut.model_validate(shown)


def _posted(state: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if state is None else {name: state.get(name) for name in queries.POSTED}


async def _settled(
    session: AsyncSession, actor: Actor, place: tuple[UUID, UUID], now: datetime
) -> ClassGrade:
    """Return the overall grade as it is now, held: settling takes the student's place in the class."""
    class_id, student_id = place
    await find_taught_class(session, actor, class_id)
    await require_place(session, actor, class_id, student_id)
    cells = Cells(class_id, (), (student_id,))
    await settle_and_tell(session, cells, Cause("overridden", now, actor.user_id))
    grade: ClassGrade | None = await session.scalar(queries.class_grade(actor, class_id, student_id))
    if grade is None:
        raise NotFoundError
    return grade


def _word(body: OverrideIn, policy: GradingPolicy) -> tuple[Decimal, str | None]:
    if body.percent is not None:
        rounded = round_half_up(Fraction(body.percent), policy.places)
        return rounded, letter_for(rounded, policy.letters)
    try:
        return percent_of_letter(str(body.letter), policy.letters), body.letter
    except NoSuchLetterError as error:
        raise UnknownLetterError(field="letter") from error


async def _write(
    session: AsyncSession,
    actor: Actor,
    grade: ClassGrade,
    word: tuple[Decimal, str | None] | None,
    *,
    reason: str,
    now: datetime,
) -> ClassGradeOut:
    await session.execute(queries.override(actor, grade, word, reason, now=now))
    await session.refresh(grade)
    draft = UserEventDraft(
        "grade:updated", {"class_id": str(grade.class_id), "changed": 0}, now, grade.school_id
    )
    await record_user_event(session, [grade.student_id], draft)
    return ClassGradeOut.model_validate(grade)
