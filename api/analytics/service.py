"""Dashboards: numbers from the district's marts, names from PostgreSQL. Raw events are never scanned here."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.analytics import queries
from api.analytics.marts import ask, with_concept_names
from api.analytics.schemas import (
    AnalyticPage,
    ClassOverview,
    ConceptMasteryOut,
    StrugglingConcept,
    StrugglingStudent,
    StudentMastery,
)
from api.classes.service import find_class
from api.paging import PageRequest, encode_cursor, fetch_page
from core.models import MasteryBand, User
from core.tenancy import Actor
from warehouse import queries as mart_queries
from warehouse.folder import Warehouse

LARGEST_CLASS = 2_000
DISTRIBUTION_STEPS = 10


async def class_mastery(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, class_id: UUID, *, page: PageRequest
) -> AnalyticPage[StudentMastery]:
    """Return a page of students, each with what is known of the concepts this class has practised."""
    await find_class(session, actor, class_id)
    students, cursor = await fetch_page(session, queries.class_students(actor, class_id), User.id, page)
    served = await ask(
        warehouse, actor, mart_queries.class_mastery(class_id, [student.id for student in students])
    )
    named = await with_concept_names(session, actor, served.rows)
    concepts = _by_student(named)
    items = [
        StudentMastery(
            student_id=student.id,
            student_name=student.name,
            concepts=[_mastery(row) for row in concepts[student.id]],
        )
        for student in students
    ]
    return AnalyticPage(items=items, next_cursor=cursor, **served.age)


async def class_struggling(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, class_id: UUID, *, page: PageRequest
) -> AnalyticPage[StrugglingStudent]:
    """Return a page of the students with flags, each with the worst few concepts and the reasons."""
    await find_class(session, actor, class_id)
    statement = queries.class_students(actor, class_id).order_by(User.id).limit(LARGEST_CLASS)
    if page.after_id is not None:
        statement = statement.where(User.id > page.after_id)
    students = {student.id: student for student in await session.scalars(statement)}
    served = await ask(warehouse, actor, mart_queries.class_struggling(class_id, list(students)))
    flags = _by_student(await with_concept_names(session, actor, served.rows))
    flagged = (student for student in students.values() if flags[student.id])
    shown = list(islice(flagged, page.limit + 1))
    items = [
        StrugglingStudent(
            student_id=student.id,
            student_name=student.name,
            concepts=[StrugglingConcept.model_validate(row) for row in flags[student.id]],
        )
        for student in shown[: page.limit]
    ]
    return AnalyticPage(
        items=items,
        next_cursor=encode_cursor(items[-1].student_id) if len(shown) > page.limit else None,
        **served.age,
    )


async def class_overview(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, class_id: UUID
) -> ClassOverview:
    """Return how a class does as a whole; zeros until the pipeline has seen it."""
    await find_class(session, actor, class_id)
    served = await ask(warehouse, actor, mart_queries.class_performance(class_id))
    row = served.rows[0] if served.rows else _NOTHING_YET
    return ClassOverview.model_validate({**row, **served.age, "class_id": class_id})


_NOTHING_YET: dict[str, Any] = {
    "student_count": 0,
    "graded_count": 0,
    "average_percent": None,
    "median_percent": None,
    "completion_percent": None,
    "distribution": [0] * DISTRIBUTION_STEPS,
    "is_small_cell": True,
}


def _by_student(rows: Sequence[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    grouped: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[UUID(row["student_id"])].append(row)
    return grouped


def _mastery(row: dict[str, Any]) -> ConceptMasteryOut:
    return ConceptMasteryOut.model_validate({**row, "struggling": row["band"] == MasteryBand.STRUGGLING})
