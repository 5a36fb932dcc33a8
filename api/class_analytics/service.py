"""A class from the marts: students, questions, time, activity, concepts, completion."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.analytics import queries as people
from api.analytics.marts import Served, ask, with_assignment_titles, with_concept_names
from api.analytics.schemas import AnalyticPage
from api.class_analytics import queries
from api.class_analytics.schemas import (
    Activity,
    AssignmentTime,
    ClassConcepts,
    ClassSummary,
    CompletionLine,
    ConceptStanding,
    DayActivity,
    Distribution,
    DistributionStep,
    PerformancePage,
    StudentPerformance,
    StudentTime,
)
from api.classes.service import find_class
from api.paging import PageRequest, encode_cursor, fetch_page
from core.errors import NotFoundError
from core.models import User
from core.tenancy import Actor
from warehouse import class_queries as marts
from warehouse.folder import Warehouse

STEPS = (*(f"{low}-{low + 9}" for low in range(0, 90, 10)), "90+")
LARGEST_CLASS = 2_000
_NOTHING_YET: dict[str, Any] = {
    "assigned_count": 0,
    "done_count": 0,
    "missing_count": 0,
    "late_count": 0,
    "answer_count": 0,
    "active_ms": 0,
    "concept_count": 0,
    "secure_count": 0,
    "struggling_count": 0,
    **dict.fromkeys(
        (
            "completion_percent",
            "current_percent",
            "all_current_percent",
            "share_right",
            "direction",
            "last_answered_at",
            "last_handed_in_at",
        )
    ),
}


async def read_performance(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, class_id: UUID, page: PageRequest
) -> PerformancePage:
    """Return a page of students with their progress, and the class as a whole. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    students, cursor = await fetch_page(session, people.class_students(actor, class_id), User.id, page)
    served = await ask(warehouse, actor, marts.class_students(class_id, [one.id for one in students]))
    summary = await ask(warehouse, actor, marts.class_summary(class_id))
    known = {UUID(row["student_id"]): row for row in served.rows}
    items = [
        StudentPerformance.model_validate(
            {**(known.get(one.id) or _NOTHING_YET), "student_id": one.id, "student_name": one.name}
        )
        for one in students
    ]
    return PerformancePage(
        items=items,
        next_cursor=cursor,
        summary=ClassSummary.model_validate(summary.rows[0]) if summary.rows else None,
        **served.age,
    )


async def read_distribution(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, class_id: UUID, assignment_id: UUID | None
) -> Distribution:
    """Return how many students have which percent, overall or in one assignment. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    if assignment_id is None:
        served = await ask(warehouse, actor, marts.class_summary(class_id))
        counts = served.rows[0]["distribution"] if served.rows else [0] * len(STEPS)
    else:
        await _require_assignment(session, actor, class_id, assignment_id)
        served = await ask(warehouse, actor, marts.assignment_distribution(class_id, assignment_id))
        reached = {row["step"]: row["student_count"] for row in served.rows}
        counts = [reached.get(step, 0) for step in range(len(STEPS))]
    steps = [
        DistributionStep(label=label, student_count=count) for label, count in zip(STEPS, counts, strict=True)
    ]
    return Distribution(class_id=class_id, assignment_id=assignment_id, steps=steps, **served.age)


async def read_time(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, class_id: UUID, page: PageRequest
) -> AnalyticPage[AssignmentTime]:
    """Return a page of assignments with the time at work on them. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    query = marts.class_time(class_id, after=page.after_id, limit=page.limit + 1)
    served = await ask(warehouse, actor, query)
    rows, cursor = cut(served, page, "assignment_id")
    items = [AssignmentTime(**row) for row in await with_assignment_titles(session, actor, rows)]
    return AnalyticPage(items=items, next_cursor=cursor, **served.age)


async def read_assignment_time(
    session: AsyncSession,
    warehouse: Warehouse,
    actor: Actor,
    class_id: UUID,
    assignment_id: UUID,
    page: PageRequest,
) -> AnalyticPage[StudentTime]:
    """Return a page of students with their time at work on one assignment. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    await _require_assignment(session, actor, class_id, assignment_id)
    students, cursor = await fetch_page(session, people.class_students(actor, class_id), User.id, page)
    query = marts.assignment_time(class_id, assignment_id, [one.id for one in students])
    served = await ask(warehouse, actor, query)
    names = {str(one.id): one.name for one in students}
    items = [StudentTime(**row, student_name=names[row["student_id"]]) for row in served.rows]
    return AnalyticPage(items=items, next_cursor=cursor, **served.age)


async def read_activity(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, class_id: UUID, days: tuple[date, date]
) -> Activity:
    """Return what happened in the class on each day of a closed range. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    since, until = days
    served = await ask(warehouse, actor, marts.class_activity(class_id, since=since, until=until))
    items = [DayActivity(**row) for row in served.rows]
    return Activity(class_id=class_id, since=since, until=until, items=items, **served.age)


async def read_concepts(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, class_id: UUID
) -> ClassConcepts:
    """Return the concepts the class has practised and where its students stand with each. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    statement = people.class_students(actor, class_id).order_by(User.id).limit(LARGEST_CLASS)
    student_ids = [student.id for student in await session.scalars(statement)]
    served = await ask(warehouse, actor, marts.class_concepts(class_id, student_ids))
    named = await with_concept_names(session, actor, served.rows)
    items = [ConceptStanding(**row) for row in named]
    return ClassConcepts(class_id=class_id, items=items, **served.age)


async def read_completion(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, class_id: UUID, page: PageRequest
) -> AnalyticPage[CompletionLine]:
    """Return a page of assignments with where the class stands with each. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    query = marts.class_completion(class_id, after=page.after_id, limit=page.limit + 1)
    served = await ask(warehouse, actor, query)
    rows, cursor = cut(served, page, "assignment_id")
    items = [CompletionLine(**row) for row in await with_assignment_titles(session, actor, rows)]
    return AnalyticPage(items=items, next_cursor=cursor, **served.age)


def cut(served: Served, page: PageRequest, key: str) -> tuple[Sequence[dict[str, Any]], str | None]:
    """Return the rows of a page of which one more was asked for, and the cursor of the next."""
    rows = served.rows[: page.limit]
    return rows, encode_cursor(rows[-1][key]) if len(served.rows) > page.limit else None


async def _require_assignment(
    session: AsyncSession, actor: Actor, class_id: UUID, assignment_id: UUID
) -> None:
    if await session.scalar(queries.assignment_of_class(actor, class_id, assignment_id)) is None:
        raise NotFoundError
