"""A student's progress: completion, grades, trend, concepts, what to learn next and what was done."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.analytics.charts import Chart, bars
from api.analytics.marts import Marts
from api.deps import Now, ReadDb, allowed
from api.disclosures import Disclosure, Record, discloses_from_replica
from api.envelope import Envelope, ok
from api.paging import Paging
from api.progress import service
from api.progress.schemas import AttemptPage, ConceptsProgress, LearningPath, StudentProgress
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/progress/students/{student_id}", tags=["progress"])

Reader = Annotated[Actor, allowed(Permission.PROGRESS_READ)]
ProgressShown = Annotated[Disclosure, discloses_from_replica(Record.PROGRESS, Permission.PROGRESS_READ)]
MasteryShown = Annotated[Disclosure, discloses_from_replica(Record.MASTERY, Permission.PROGRESS_READ)]


@router.get("")
async def read_progress(
    student_id: UUID, actor: Reader, shown: ProgressShown, db: ReadDb, warehouse: Marts, now: Now
) -> Envelope[StudentProgress]:
    """Where a student stands in each class, and where the level is going: your own, or a student's you see."""
    found = await service.read_progress(db, warehouse, actor, student_id, now=now)
    shown.of([student_id])
    return ok(found)


@router.get("/concepts")
async def read_concepts(
    *,
    student_id: UUID,
    actor: Reader,
    shown: MasteryShown,
    db: ReadDb,
    warehouse: Marts,
    now: Now,
    chart: Chart = None,
) -> Envelope[ConceptsProgress]:
    """What is known of each concept, with its 80 % interval; `is_updating` until all of it is released."""
    found = await service.read_concepts(db, warehouse, actor, student_id, now=now)
    shown.of([student_id])
    if chart:
        rows = [item.model_dump() for item in found.items]
        found.chart = bars(rows, title="Mastery", x="concept_name", y="mastery_percent", y_title="Percent")
    return ok(found)


@router.get("/path")
async def read_path(
    student_id: UUID, actor: Reader, shown: MasteryShown, db: ReadDb, warehouse: Marts, now: Now
) -> Envelope[LearningPath]:
    """What to learn next in each class, in order, each step with its reason. Advice, never a lock."""
    found = await service.read_path(db, warehouse, actor, student_id, now=now)
    shown.of([student_id])
    return ok(found)


@router.get("/attempts")
async def read_attempts(
    *,
    student_id: UUID,
    actor: Reader,
    shown: ProgressShown,
    db: ReadDb,
    warehouse: Marts,
    page: Paging,
    now: Now,
) -> Envelope[AttemptPage]:
    """The student's attempts at all assignments, newest first; a score once it is posted."""
    found = await service.read_attempts(db, warehouse, actor, student_id, page, now=now)
    shown.of([student_id])
    return ok(found)
