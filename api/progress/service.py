"""A student's own progress, from the marts; what rests on unreleased work is withheld from the student."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.analytics.marts import Served, ask, with_assignment_titles, with_concept_names
from api.analytics.students import KnownStudent, find_student
from api.paging import PageRequest, encode_cursor
from api.progress.schemas import (
    AttemptLine,
    AttemptPage,
    ClassProgress,
    ConceptProgress,
    ConceptsProgress,
    LearningPath,
    PathStep,
    StudentProgress,
    Trend,
)
from api.progress.withholding import withheld_assignments
from core.tenancy import Actor
from warehouse import student_queries as marts
from warehouse.folder import Warehouse

_NOTHING_YET: dict[str, Any] = {
    **dict.fromkeys(("assigned_count", "done_count", "missing_count", "late_count"), 0),
    **dict.fromkeys(("answer_count", "active_ms", "secure_count", "struggling_count"), 0),
    **dict.fromkeys(("completion_percent", "current_percent", "all_current_percent", "share_right")),
    **dict.fromkeys(("class_average_percent", "class_median_percent", "class_completion_percent")),
    **dict.fromkeys(("last_answered_at", "last_handed_in_at")),
}
_FOR_STAFF = (
    "all_current_percent",
    "share_right",
    "class_average_percent",
    "class_median_percent",
    "class_completion_percent",
)
_OF_CONCEPTS = ("secure_count", "struggling_count")


async def read_progress(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, student_id: UUID, *, now: datetime
) -> StudentProgress:
    """Return where a student stands in each class, and the trend. Raises NotFoundError."""
    student = await find_student(session, actor, student_id)
    withheld = await withheld_assignments(session, warehouse, actor, student_id, now=now)
    served = await ask(warehouse, actor, marts.student_progress(student_id, list(student.classes)))
    trend = await ask(warehouse, actor, marts.student_velocity(student_id))
    known = {UUID(row["class_id"]): row for row in served.rows}
    hidden = (*(_FOR_STAFF if actor.is_student else ()), *(_OF_CONCEPTS if withheld else ()))
    classes = [
        ClassProgress.model_validate(
            {**_NOTHING_YET, **known.get(class_id, {}), **dict.fromkeys(hidden)}
            | {"class_id": class_id, "class_name": name}
        )
        for class_id, name in student.classes.items()
    ]
    return StudentProgress(
        student_id=student.id,
        student_name=student.name,
        trend=Trend(**trend.rows[0]) if trend.rows and not withheld else None,
        classes=classes,
        **served.age,
    )


async def read_concepts(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, student_id: UUID, *, now: datetime
) -> ConceptsProgress:
    """Return what is known of each concept the student's classes have practised. Raises NotFoundError."""
    student = await find_student(session, actor, student_id)
    withheld = await withheld_assignments(session, warehouse, actor, student_id, now=now)
    served = await ask(warehouse, actor, marts.student_concepts(student_id, list(student.classes)))
    named = await with_concept_names(session, actor, served.rows)
    items = [_concept(row, is_updating=_rests_on(row, withheld)) for row in named]
    return ConceptsProgress(student_id=student.id, items=items, **served.age)


async def read_path(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, student_id: UUID, *, now: datetime
) -> LearningPath:
    """Return what the student may learn next in each class, each step with its reason. Raises NotFoundError."""
    student = await find_student(session, actor, student_id)
    class_ids = list(student.classes)
    served = await ask(warehouse, actor, marts.student_path(student_id, class_ids))
    updating = await _updating_concepts(session, warehouse, actor, student, now)
    named = await with_concept_names(session, actor, served.rows)
    items = [_step(row, actor, is_updating=row["concept_id"] in updating) for row in named]
    return LearningPath(student_id=student.id, items=items, **served.age)


async def read_attempts(
    session: AsyncSession,
    warehouse: Warehouse,
    actor: Actor,
    student_id: UUID,
    page: PageRequest,
    *,
    now: datetime,
) -> AttemptPage:
    """Return a page of the student's attempts, newest first. Raises NotFoundError."""
    student = await find_student(session, actor, student_id)
    query = marts.student_attempts(
        student_id, list(student.classes), before=page.after_id, limit=page.limit + 1
    )
    served = await ask(warehouse, actor, query)
    rows = served.rows[: page.limit]
    withheld = await withheld_assignments(session, warehouse, actor, student_id, now=now)
    titled = await with_assignment_titles(session, actor, rows)
    return AttemptPage(
        student_id=student.id,
        items=[_attempt(row, is_withheld=row["assignment_id"] in withheld) for row in titled],
        next_cursor=encode_cursor(rows[-1]["submission_id"]) if len(served.rows) > page.limit else None,
        **served.age,
    )


async def _updating_concepts(
    session: AsyncSession, warehouse: Warehouse, actor: Actor, student: KnownStudent, now: datetime
) -> set[str]:
    withheld = await withheld_assignments(session, warehouse, actor, student.id, now=now)
    if not withheld:
        return set()
    known: Served = await ask(warehouse, actor, marts.student_concepts(student.id, list(student.classes)))
    return {row["concept_id"] for row in known.rows if _rests_on(row, withheld)}


def _rests_on(row: dict[str, Any], assignments: AbstractSet[str]) -> bool:
    return not assignments.isdisjoint(row["assignment_ids"])


_MEASURED = (
    "mastery_percent",
    "lower_percent",
    "upper_percent",
    "band",
    "evidence_count",
    "last_answered_at",
)


def _concept(row: dict[str, Any], *, is_updating: bool) -> ConceptProgress:
    measured = dict.fromkeys(_MEASURED) if is_updating else {name: row[name] for name in _MEASURED}
    return ConceptProgress(
        concept_id=row["concept_id"], concept_name=row["concept_name"], is_updating=is_updating, **measured
    )


def _step(row: dict[str, Any], actor: Actor, *, is_updating: bool) -> PathStep:
    hidden = dict.fromkeys(("band", "mastery_percent", "p_next_right", "reason")) if is_updating else {}
    questions: dict[str, Any] = {"question_ids": []} if actor.is_student else {}
    return PathStep.model_validate({**row, **hidden, **questions})


def _attempt(row: dict[str, Any], *, is_withheld: bool) -> AttemptLine:
    return AttemptLine.model_validate({**row, "score": None} if is_withheld else row)
