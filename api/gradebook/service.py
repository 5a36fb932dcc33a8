"""The gradebook of a class: what has been settled, cell by cell, with the state of the work beside it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.classes.service import find_class
from api.gradebook import queries
from api.gradebook.errors import ClassTooLargeError
from api.gradebook.schemas import (
    Cell,
    GradebookAssignment,
    GradebookCategory,
    GradebookOut,
    GradebookRow,
    Overall,
    ReportOut,
    SubmissionState,
)
from api.grades.facts import Cells, Facts, HeldGrade, read_facts
from api.paging import PageRequest, fetch_page
from core.domain.gradebook import GradingPolicy
from core.models import Assignment, ClassEnrollment, ClassGrade, GradeStatus
from core.tenancy import Actor

MOST_STUDENTS = 1_000
"""Of one report: more than any class has, and still one answer."""


async def read_gradebook(
    session: AsyncSession, actor: Actor, class_id: UUID, page: PageRequest, *, now: datetime
) -> GradebookOut:
    """Return a page of students with all their cells, in a constant number of statements. Raises NotFoundError."""
    await find_class(session, actor, class_id)
    statement = queries.students_of(actor, class_id)
    found, cursor = await fetch_page(session, statement, ClassEnrollment.student_id, page)
    names = {row.student_id: row.name for row in found}
    columns, facts = await _columns(session, actor, class_id, tuple(names))
    policy = facts.policy if facts is not None else GradingPolicy()
    return GradebookOut(
        class_id=class_id,
        policy_version=policy.version,
        weighted=policy.weighted,
        assignments=_shown_columns(columns, facts),
        categories=_shown_categories(policy),
        items=await _rows(session, actor, class_id, names, columns, facts, now=now),
        next_cursor=cursor,
    )


async def read_report(session: AsyncSession, actor: Actor, class_id: UUID, *, now: datetime) -> ReportOut:
    """Return the whole class, students by name. Raises NotFoundError or ClassTooLargeError."""
    school_class = await find_class(session, actor, class_id)
    statement = queries.students_of(actor, class_id).limit(MOST_STUDENTS + 1)
    found = list(await session.execute(statement))
    if len(found) > MOST_STUDENTS:
        raise ClassTooLargeError
    names = {row.student_id: row.name for row in sorted(found, key=lambda row: (row.name, row.student_id))}
    columns, facts = await _columns(session, actor, class_id, tuple(names))
    policy = facts.policy if facts is not None else GradingPolicy()
    return ReportOut(
        class_id=class_id,
        class_name=school_class.name,
        policy_version=policy.version,
        created_at=now,
        assignments=_shown_columns(columns, facts),
        categories=_shown_categories(policy),
        students=await _rows(session, actor, class_id, names, columns, facts, now=now),
    )


async def _columns(
    session: AsyncSession, actor: Actor, class_id: UUID, student_ids: tuple[UUID, ...]
) -> tuple[list[Assignment], Facts | None]:
    columns = list(await session.scalars(queries.columns_of(actor, class_id)))
    if not student_ids:
        return columns, None
    return columns, await read_facts(session, Cells(class_id, None, student_ids), to_explain=True)


def _shown_columns(columns: Sequence[Assignment], facts: Facts | None) -> list[GradebookAssignment]:
    shown = []
    for assignment in columns:
        known = None if facts is None else facts.assignments.get(assignment.id)
        possible = known.worth if known is not None else assignment.points or 0
        shown.append(GradebookAssignment.model_validate({**vars(assignment), "possible": possible}))
    return shown


def _shown_categories(policy: GradingPolicy) -> list[GradebookCategory]:
    return [GradebookCategory(id=rule.id, name=rule.name, weight=rule.weight) for rule in policy.categories]


async def _rows(
    session: AsyncSession,
    actor: Actor,
    class_id: UUID,
    names: dict[UUID, str],
    columns: Sequence[Assignment],
    facts: Facts | None,
    *,
    now: datetime,
) -> list[GradebookRow]:
    if facts is None:
        return []
    grades = await session.scalars(queries.class_grades_of(actor, class_id, list(names)))
    overall = {grade.student_id: grade for grade in grades}
    shown = [facts.assignments[column.id] for column in columns if column.id in facts.assignments]
    return [
        GradebookRow(
            student_id=student_id,
            student_name=name,
            cells=[_cell(facts, student_id, assignment, now) for assignment in shown],
            overall=_overall(overall.get(student_id)),
        )
        for student_id, name in names.items()
    ]


def _overall(grade: ClassGrade | None) -> Overall | None:
    return None if grade is None else Overall.model_validate(grade)


def _cell(facts: Facts, student_id: UUID, assignment: Row[Any], now: datetime) -> Cell:
    grade = facts.grades.get((student_id, assignment.id))
    state = _state(facts, student_id, assignment.id)
    common: dict[str, Any] = {
        "assignment_id": assignment.id,
        "submission_status": state,
        "possible": assignment.worth,
        "is_missing": _is_missing(facts, student_id, assignment, grade, now),
    }
    if grade is None:
        nothing = dict.fromkeys(("grade_id", "score", "percent", "source", "entered_score"))
        flags = dict.fromkeys(("is_late", "is_excused", "is_posted", "is_overridden"), False)
        empty = {"status": GradeStatus.NO_SCORE, "deduction": 0, "late_seconds": 0}
        return Cell.model_validate(common | nothing | flags | empty)
    return Cell.model_validate(
        common
        | {
            "grade_id": grade.id,
            "score": grade.score,
            "percent": grade.percent,
            "status": grade.status,
            "source": grade.source,
            "entered_score": grade.entered_score,
            "deduction": grade.deduction,
            "late_seconds": grade.late_seconds,
            "is_late": grade.late_seconds > 0,
            "is_excused": grade.is_excused,
            "is_posted": grade.is_posted,
            "is_overridden": grade.override_score is not None,
        }
    )


def _state(facts: Facts, student_id: UUID, assignment_id: UUID) -> SubmissionState:
    """Say where the newest attempt is."""
    attempts = facts.attempts.get((student_id, assignment_id))
    state: SubmissionState = attempts[-1].status if attempts else "not_started"
    return state


def _is_missing(
    facts: Facts, student_id: UUID, assignment: Row[Any], grade: HeldGrade | None, now: datetime
) -> bool:
    """The teacher's word, else: due, and neither handed in nor scored nor excused."""
    if grade is not None and grade.is_missing is not None:
        return bool(grade.is_missing)
    if grade is not None and (grade.is_excused or grade.is_entered or grade.override_score is not None):
        return False
    attempts = facts.attempts.get((student_id, assignment.id), ())
    handed_in = any(attempt.submitted_at is not None for attempt in attempts)
    return not handed_in and facts.is_due(student_id, assignment, now)
