"""One student for their teachers and administrators: performance, mastery and why, answers, time."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from api.analytics.charts import Chart, bars, lines
from api.analytics.marts import Marts
from api.deps import Now, ReadDb, allowed
from api.disclosures import Disclosure, Record, discloses_from_replica
from api.envelope import Envelope, ok
from api.paging import Paging
from api.progress.schemas import StudentProgress
from api.progress.service import read_progress
from api.student_analytics import service
from api.student_analytics.schemas import AnswerPage, ConceptDetail, StudentConcepts, TimePage
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/analytics/students/{student_id}", tags=["analytics"])

Analyst = Annotated[Actor, allowed(Permission.ANALYTICS_READ)]
ProgressShown = Annotated[Disclosure, discloses_from_replica(Record.PROGRESS, Permission.ANALYTICS_READ)]
MasteryShown = Annotated[Disclosure, discloses_from_replica(Record.MASTERY, Permission.ANALYTICS_READ)]


@router.get("/performance")
async def read_performance(
    student_id: UUID, actor: Analyst, shown: ProgressShown, db: ReadDb, warehouse: Marts, now: Now
) -> Envelope[StudentProgress]:
    """Where a student stands in each class you share, beside the class as a whole, and the trend."""
    found = await read_progress(db, warehouse, actor, student_id, now=now)
    shown.of([student_id])
    return ok(found)


@router.get("/mastery")
async def read_mastery(
    student_id: UUID,
    actor: Analyst,
    shown: MasteryShown,
    db: ReadDb,
    warehouse: Marts,
    chart: Chart = None,
) -> Envelope[StudentConcepts]:
    """What is known of the student on each concept, with its 80 % interval and how much it rests on."""
    found = await service.read_mastery(db, warehouse, actor, student_id)
    shown.of([student_id])
    if chart:
        rows = [item.model_dump() for item in found.items]
        found.chart = bars(rows, title="Mastery", x="concept_name", y="mastery_percent", y_title="Percent")
    return ok(found)


@router.get("/mastery/{concept_id}")
async def read_concept(
    *,
    student_id: UUID,
    concept_id: UUID,
    actor: Analyst,
    shown: MasteryShown,
    db: ReadDb,
    warehouse: Marts,
    chart: Chart = None,
) -> Envelope[ConceptDetail]:
    """Why one number is what it is: the answers behind it, in a sentence and one by one, and how it has moved."""
    found = await service.read_concept(db, warehouse, actor, student_id, concept_id)
    shown.of([student_id])
    if chart:
        rows = [item.model_dump() for item in found.history]
        found.chart = lines(rows, title=found.concept_name, x="day", y="mastery_percent", y_title="Percent")
    return ok(found)


@router.get("/questions")
async def read_questions(
    *,
    student_id: UUID,
    actor: Analyst,
    shown: ProgressShown,
    db: ReadDb,
    warehouse: Marts,
    page: Paging,
    concept_id: UUID | None = None,
) -> Envelope[AnswerPage]:
    """The student's answers, newest first, of one concept when named."""
    found = await service.read_answers(db, warehouse, actor, student_id, page, concept_id=concept_id)
    shown.of([student_id])
    return ok(found)


@router.get("/time")
async def read_time(
    student_id: UUID, actor: Analyst, shown: ProgressShown, db: ReadDb, warehouse: Marts, page: Paging
) -> Envelope[TimePage]:
    """Time at work on each assignment, beside the class's norm."""
    found = await service.read_time(db, warehouse, actor, student_id, page)
    shown.of([student_id])
    return ok(found)
