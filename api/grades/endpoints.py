"""Grades and their history."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.grades import service
from api.grades.schemas import GradeChangeOut, GradeOut
from api.paging import Paging
from core.models import GradeStatus
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/grades", tags=["grades"])

Reader = Annotated[Actor, allowed(Permission.GRADE_READ)]
Shown = Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADE_READ)]
HistoryShown = Annotated[Disclosure, discloses(Record.GRADE_HISTORY, Permission.GRADE_READ)]


@router.get("")
async def list_grades(
    *,
    actor: Reader,
    db: Db,
    page: Paging,
    shown: Shown,
    now: Now,
    class_id: Annotated[UUID | None, Query()] = None,
    assignment_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[GradeStatus | None, Query()] = None,
) -> Envelope[Page[GradeOut]]:
    """List grades, one per student and assignment: your own, or those of the classes you see."""
    filters = {"class_id": class_id, "assignment_id": assignment_id, "status": status}
    items, cursor = await service.list_grades(db, actor, page, filters=filters, now=now)
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/students/{student_id}")
async def list_student_grades(
    student_id: UUID,
    actor: Reader,
    db: Db,
    page: Paging,
    shown: Shown,
    now: Now,
    *,
    class_id: Annotated[UUID | None, Query()] = None,
) -> Envelope[Page[GradeOut]]:
    """List a student's grades: your own, or those of a student in your classes."""
    items, cursor = await service.list_student_grades(db, actor, student_id, page, class_id=class_id, now=now)
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))


@router.get("/{grade_id}")
async def read_grade(grade_id: UUID, actor: Reader, db: Db, shown: Shown, now: Now) -> Envelope[GradeOut]:
    """Read one grade."""
    grade = await service.read_grade(db, actor, grade_id, now=now)
    shown.of([grade.student_id])
    return ok(grade)


@router.get("/{grade_id}/history")
async def read_history(
    grade_id: UUID, actor: Reader, db: Db, page: Paging, shown: HistoryShown, now: Now
) -> Envelope[Page[GradeChangeOut]]:
    """List every change of a grade, oldest first."""
    items, cursor = await service.read_history(db, actor, grade_id, page, now=now)
    shown.of(item.student_id for item in items)
    return ok(Page(items=items, next_cursor=cursor))
