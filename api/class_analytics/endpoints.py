"""A class in detail: students, questions, time, activity, concepts, completion, with charts where asked."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.analytics.charts import Chart, bars, lines, points
from api.analytics.marts import Marts
from api.analytics.schemas import AnalyticPage
from api.class_analytics import questions, service
from api.class_analytics.errors import BadRangeError
from api.class_analytics.schemas import (
    Activity,
    AssignmentTime,
    ClassConcepts,
    CompletionLine,
    Distribution,
    PerformancePage,
    QuestionDetail,
    QuestionStatistics,
    StudentTime,
)
from api.deps import Now, ReadDb, allowed
from api.disclosures import Disclosure, Record, discloses_from_replica
from api.envelope import Envelope, ok
from api.paging import Paging
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/analytics/classes/{class_id}", tags=["analytics"])
progress = APIRouter(prefix="/progress/classes/{class_id}", tags=["progress"])

Analyst = Annotated[Actor, allowed(Permission.ANALYTICS_READ)]
Shown = Annotated[Disclosure, discloses_from_replica(Record.PROGRESS, Permission.ANALYTICS_READ)]
LONGEST_RANGE = timedelta(days=366)
USUAL_RANGE = timedelta(days=27)


@router.get("/performance")
async def read_performance(
    class_id: UUID, actor: Analyst, shown: Shown, db: ReadDb, warehouse: Marts, page: Paging
) -> Envelope[PerformancePage]:
    """Each student's completion, grades, answers, time, concepts and trend; the class as a whole beside them."""
    performance = await service.read_performance(db, warehouse, actor, class_id, page)
    shown.of(item.student_id for item in performance.items)
    return ok(performance)


@router.get("/distribution")
async def read_distribution(
    class_id: UUID,
    actor: Analyst,
    db: ReadDb,
    warehouse: Marts,
    chart: Chart = None,
    assignment_id: UUID | None = None,
) -> Envelope[Distribution]:
    """How many students have which percent, in ten steps; of one assignment when named."""
    found = await service.read_distribution(db, warehouse, actor, class_id, assignment_id)
    if chart:
        rows = [step.model_dump() for step in found.steps]
        found.chart = bars(
            rows, title="Students by percent", x="label", y="student_count", y_title="Students"
        )
    return ok(found)


@router.get("/questions")
async def read_questions(
    class_id: UUID,
    actor: Analyst,
    db: ReadDb,
    warehouse: Marts,
    page: Paging,
    chart: Chart = None,
    assignment_id: UUID | None = None,
) -> Envelope[AnalyticPage[QuestionStatistics]]:
    """Difficulty, discrimination, chosen options and time of each question, with hints on what to look at."""
    found = await questions.read_questions(db, warehouse, actor, class_id, page, assignment_id=assignment_id)
    if chart:
        axes = {"share_right": "Share right", "discrimination": "Discrimination"}
        rows = [item.model_dump() for item in found.items]
        found.chart = points(rows, title="Questions", axes=axes, name="text")
    return ok(found)


@router.get("/questions/{question_id}")
async def read_question(
    class_id: UUID,
    question_id: UUID,
    actor: Analyst,
    shown: Shown,
    db: ReadDb,
    warehouse: Marts,
    page: Paging,
    chart: Chart = None,
) -> Envelope[QuestionDetail]:
    """One question: how often each option was chosen, how it tells students apart, and who answered what."""
    found = await questions.read_question(db, warehouse, actor, class_id, question_id, page)
    shown.of(item.student_id for item in found.items)
    if chart:
        rows = [option.model_dump() for option in found.question.options]
        found.chart = bars(rows, title=found.question.text, x="option_id", y="count", y_title="Answers")
    return ok(found)


@router.get("/time")
async def read_time(
    class_id: UUID, actor: Analyst, db: ReadDb, warehouse: Marts, page: Paging, chart: Chart = None
) -> Envelope[AnalyticPage[AssignmentTime]]:
    """Time at work per assignment: quartiles, and the norm without students who have more time."""
    found = await service.read_time(db, warehouse, actor, class_id, page)
    if chart:
        rows = [{**item.model_dump(), "minutes": item.median_ms / 60_000} for item in found.items]
        found.chart = bars(rows, title="Time at work", x="assignment_title", y="minutes", y_title="Minutes")
    return ok(found)


@router.get("/time/{assignment_id}")
async def read_assignment_time(
    class_id: UUID,
    assignment_id: UUID,
    actor: Analyst,
    shown: Shown,
    db: ReadDb,
    warehouse: Marts,
    page: Paging,
) -> Envelope[AnalyticPage[StudentTime]]:
    """Each student's time at work on one assignment, beside the class's norm."""
    found = await service.read_assignment_time(db, warehouse, actor, class_id, assignment_id, page)
    shown.of(item.student_id for item in found.items)
    return ok(found)


@router.get("/activity")
async def read_activity(
    class_id: UUID,
    actor: Analyst,
    db: ReadDb,
    warehouse: Marts,
    now: Now,
    chart: Chart = None,
    since: Annotated[date | None, Query(examples=["2026-11-01"])] = None,
    until: Annotated[date | None, Query(examples=["2026-11-28"])] = None,
) -> Envelope[Activity]:
    """Who was active, what was answered and handed in, day by day (UTC); the last four weeks unless asked."""
    last = until or now.date()
    first = since or last - USUAL_RANGE
    if not timedelta(0) <= last - first <= LONGEST_RANGE:
        raise BadRangeError(field="since")
    found = await service.read_activity(db, warehouse, actor, class_id, (first, last))
    if chart:
        rows = [item.model_dump() for item in found.items]
        found.chart = lines(rows, title="Active students", x="day", y="active_count", y_title="Students")
    return ok(found)


@router.get("/concepts")
async def read_concepts(
    class_id: UUID, actor: Analyst, db: ReadDb, warehouse: Marts, chart: Chart = None
) -> Envelope[ClassConcepts]:
    """The concepts the class has practised: how many students are secure, developing, struggling, not yet known."""
    found = await service.read_concepts(db, warehouse, actor, class_id)
    if chart:
        rows = [item.model_dump() for item in found.items]
        found.chart = bars(
            rows, title="Struggling students", x="concept_name", y="struggling_count", y_title="Students"
        )
    return ok(found)


@progress.get("/completion")
async def read_completion(
    class_id: UUID, actor: Analyst, db: ReadDb, warehouse: Marts, page: Paging, chart: Chart = None
) -> Envelope[AnalyticPage[CompletionLine]]:
    """Where the class's students stand with each assignment."""
    found = await service.read_completion(db, warehouse, actor, class_id, page)
    if chart:
        rows = [item.model_dump() for item in found.items]
        found.chart = bars(
            rows, title="Completion", x="assignment_title", y="completion_percent", y_title="Percent"
        )
    return ok(found)
