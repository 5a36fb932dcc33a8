from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from api.classes.service import find_class, require_visible_student
from api.grades import queries
from api.grades.schemas import GradeChangeOut, GradeOut
from api.paging import PageRequest, fetch_page
from core.errors import NotFoundError
from core.models import Grade, GradeHistory
from core.tenancy import Actor


async def list_class_grades(
    session: AsyncSession, actor: Actor, class_id: UUID, page: PageRequest
) -> tuple[list[GradeOut], str | None]:
    """Return a page of a class's grades. Raises NotFoundError for a class out of reach."""
    await find_class(session, actor, class_id)
    return await _page(session, queries.visible_grades(actor).where(Grade.class_id == class_id), page)


async def list_student_grades(
    session: AsyncSession, actor: Actor, student_id: UUID, page: PageRequest, *, class_id: UUID | None
) -> tuple[list[GradeOut], str | None]:
    """Return a page of a student's grades. Raises NotFoundError for a student out of reach."""
    await require_visible_student(session, actor, student_id)
    statement = queries.visible_grades(actor).where(Grade.student_id == student_id)
    if class_id is not None:
        statement = statement.where(Grade.class_id == class_id)
    return await _page(session, statement, page)


async def find_grade(session: AsyncSession, actor: Actor, grade_id: UUID) -> Grade:
    grade: Grade | None = await session.scalar(queries.visible_grades(actor).where(Grade.id == grade_id))
    if grade is None:
        raise NotFoundError
    return grade


async def read_history(
    session: AsyncSession, actor: Actor, grade_id: UUID, page: PageRequest
) -> tuple[list[GradeChangeOut], str | None]:
    """Return a page of a grade's changes, oldest first. Raises NotFoundError."""
    grade = await find_grade(session, actor, grade_id)
    statement = queries.history_of(actor, grade_id)
    rows, cursor = await fetch_page(session, statement, GradeHistory.version, page)
    whose = {"student_id": grade.student_id}
    return [GradeChangeOut.model_validate({**vars(row), **whose}) for row in rows], cursor


async def _page(
    session: AsyncSession, statement: Select[tuple[Grade]], page: PageRequest
) -> tuple[list[GradeOut], str | None]:
    rows, cursor = await fetch_page(session, statement, Grade.id, page)
    return [GradeOut.model_validate(row) for row in rows], cursor
