from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from api.classes.service import find_class, require_visible_student
from api.grades import queries
from api.grades.presentation import is_released, show_to_student
from api.grades.schemas import GradeChangeOut, GradeOut
from api.paging import PageRequest, fetch_page
from core.errors import NotFoundError
from core.models import Grade, GradeHistory
from core.tenancy import Actor


async def list_grades(
    session: AsyncSession, actor: Actor, page: PageRequest, *, filters: dict[str, Any], now: datetime
) -> tuple[list[GradeOut], str | None]:
    """Return a page of the grades the actor may see; `filters` are exact matches by column name, None ignored.

    A student cannot filter by what is not shown yet. Raises NotFoundError for a class out of reach.
    """
    if filters.get("class_id") is not None:
        await find_class(session, actor, filters["class_id"])
    hidden = {"status"} if actor.is_student else set()
    statement = queries.visible_grades(actor)
    for name, value in filters.items():
        if value is not None and name not in hidden:
            statement = statement.where(getattr(Grade, name) == value)
    return await _page(session, actor, statement, page, now=now)


async def list_student_grades(
    session: AsyncSession,
    actor: Actor,
    student_id: UUID,
    page: PageRequest,
    *,
    class_id: UUID | None,
    now: datetime,
) -> tuple[list[GradeOut], str | None]:
    """Return a page of a student's grades. Raises NotFoundError for a student out of reach."""
    await require_visible_student(session, actor, student_id)
    statement = queries.visible_grades(actor).where(Grade.student_id == student_id)
    if class_id is not None:
        statement = statement.where(Grade.class_id == class_id)
    return await _page(session, actor, statement, page, now=now)


async def read_grade(session: AsyncSession, actor: Actor, grade_id: UUID, *, now: datetime) -> GradeOut:
    """Return a grade, to its student what is released of it. Raises NotFoundError."""
    shown, _ = await _found(session, actor, grade_id, now)
    return shown


async def _found(session: AsyncSession, actor: Actor, grade_id: UUID, now: datetime) -> tuple[GradeOut, bool]:
    """Return a grade as the actor may see it, and whether that is all of it."""
    statement = queries.visible_grades(actor).where(Grade.id == grade_id)
    if not actor.is_student:
        grade = await session.scalar(statement)
        if grade is None:
            raise NotFoundError
        return GradeOut.model_validate(grade), True
    found = (await session.execute(queries.with_release(actor, statement))).one_or_none()
    if found is None:
        raise NotFoundError
    return show_to_student(found, now), is_released(found, now)


async def read_history(
    session: AsyncSession, actor: Actor, grade_id: UUID, page: PageRequest, *, now: datetime
) -> tuple[list[GradeChangeOut], str | None]:
    """Return a page of a grade's changes, oldest first; to its student none before its release.

    Raises NotFoundError.
    """
    grade, is_visible = await _found(session, actor, grade_id, now)
    if not is_visible:
        return [], None
    statement = queries.history_of(actor, grade_id)
    rows, cursor = await fetch_page(session, statement, GradeHistory.version, page)
    whose = {"student_id": grade.student_id}
    return [GradeChangeOut.model_validate({**vars(row), **whose}) for row in rows], cursor


async def _page(
    session: AsyncSession, actor: Actor, statement: Select[tuple[Grade]], page: PageRequest, *, now: datetime
) -> tuple[list[GradeOut], str | None]:
    if actor.is_student:
        own = queries.with_release(actor, statement)
        rows, cursor = await fetch_page(session, own, Grade.id, page)
        return [show_to_student(row, now) for row in rows], cursor
    rows, cursor = await fetch_page(session, statement, Grade.id, page)
    return [GradeOut.model_validate(row) for row in rows], cursor
