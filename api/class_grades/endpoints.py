"""A teacher's word on overall grades."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.class_grades import service
from api.class_grades.schemas import ClassGradeChangeOut, ClassGradeOut, OverallGradeOut, OverrideIn
from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, Page, ok
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/grades/classes/{class_id}/students/{student_id}", tags=["grades"])

Reader = Annotated[Actor, allowed(Permission.GRADE_READ)]
Grader = Annotated[Actor, allowed(Permission.GRADE_MANAGE)]
Shown = Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADE_MANAGE)]
GradeShown = Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADE_READ)]
HistoryShown = Annotated[Disclosure, discloses(Record.GRADE_HISTORY, Permission.GRADE_READ)]


@router.get("")
async def read_class_grade(
    class_id: UUID, student_id: UUID, actor: Reader, db: Db, shown: GradeShown
) -> Envelope[OverallGradeOut]:
    """Read a student's overall grade in a class: your own, or that of a student you see."""
    shown.of([student_id])
    return ok(await service.read_class_grade(db, actor, (class_id, student_id)))


@router.put("/override")
async def override_class_grade(
    *, class_id: UUID, student_id: UUID, body: OverrideIn, actor: Grader, db: Db, shown: Shown, now: Now
) -> Envelope[ClassGradeOut]:
    """Let a percent or a letter stand over a student's overall grade; what was computed is kept beside it."""
    shown.of([student_id])
    return ok(await service.override_class_grade(db, actor, (class_id, student_id), body, now=now))


@router.delete("/override")
async def withdraw_override(
    class_id: UUID, student_id: UUID, actor: Grader, db: Db, shown: Shown, now: Now
) -> Envelope[ClassGradeOut]:
    """Let the computed overall grade stand again."""
    shown.of([student_id])
    return ok(await service.withdraw_override(db, actor, (class_id, student_id), now=now))


@router.get("/history")
async def read_class_grade_history(
    class_id: UUID, student_id: UUID, actor: Reader, db: Db, page: Paging, shown: HistoryShown
) -> Envelope[Page[ClassGradeChangeOut]]:
    """List every change of an overall grade, oldest first: who or what, when, why, under which policy."""
    items, cursor = await service.read_history(db, actor, (class_id, student_id), page)
    shown.of([student_id])
    return ok(Page(items=items, next_cursor=cursor))
