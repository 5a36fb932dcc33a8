"""How grades came about."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Db, Now, allowed
from api.disclosures import Disclosure, Record, discloses
from api.envelope import Envelope, ok
from api.explanations import service
from api.explanations.schemas import ClassGradeExplanation, GradeExplanation, Run
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/grades", tags=["grades"])

Reader = Annotated[Actor, allowed(Permission.GRADE_READ)]
Shown = Annotated[Disclosure, discloses(Record.GRADE, Permission.GRADE_READ)]


@router.get("/{grade_id}/explain")
async def explain_grade(
    grade_id: UUID, actor: Reader, db: Db, shown: Shown, now: Now
) -> Envelope[GradeExplanation]:
    """Explain a grade: each attempt, what being late took, an override; its lines add up to the score."""
    explanation = await service.explain_one(db, actor, grade_id, now=now)
    shown.of([explanation.student_id])
    return ok(explanation)


@router.get("/classes/{class_id}/students/{student_id}/explain")
async def explain_class_grade(
    *,
    class_id: UUID,
    student_id: UUID,
    actor: Reader,
    db: Db,
    shown: Shown,
    run: Annotated[Run, Query()] = Run.CURRENT,
) -> Envelope[ClassGradeExplanation]:
    """Explain an overall grade: what counts, what was dropped and why, weights, rounding.

    Students ask for `current` and `final`, staff for `all_current` and `all_final` too.
    """
    explanation = await service.explain_overall(db, actor, class_id, student_id, run=run)
    shown.of([explanation.student_id])
    return ok(explanation)
