"""Grades and their history."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Db, allowed
from api.envelope import Envelope, Page, ok
from api.grades import service
from api.grades.schemas import GradeChangeOut, GradeOut
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/grades", tags=["grades"])

Reader = Annotated[Actor, allowed(Permission.GRADE_READ)]
GradebookReader = Annotated[Actor, allowed(Permission.GRADEBOOK_READ)]


@router.get("/classes/{class_id}")
async def list_class_grades(
    class_id: UUID, actor: GradebookReader, db: Db, page: Paging
) -> Envelope[Page[GradeOut]]:
    """List the grades of a class: one per student and assignment."""
    items, cursor = await service.list_class_grades(db, actor, class_id, page)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/students/{student_id}")
async def list_student_grades(
    student_id: UUID,
    actor: Reader,
    db: Db,
    page: Paging,
    class_id: Annotated[UUID | None, Query()] = None,
) -> Envelope[Page[GradeOut]]:
    """List a student's grades: your own, or those of a student in your classes."""
    items, cursor = await service.list_student_grades(db, actor, student_id, page, class_id=class_id)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{grade_id}")
async def read_grade(grade_id: UUID, actor: Reader, db: Db) -> Envelope[GradeOut]:
    """Read one grade."""
    return ok(GradeOut.model_validate(await service.find_grade(db, actor, grade_id)))


@router.get("/{grade_id}/history")
async def read_history(grade_id: UUID, actor: Reader, db: Db, page: Paging) -> Envelope[Page[GradeChangeOut]]:
    """List every change of a grade, oldest first."""
    items, cursor = await service.read_history(db, actor, grade_id, page)
    return ok(Page(items=items, next_cursor=cursor))
