from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from api.class_grades.schemas import ClassGradeOut
from api.schemas import ExactDecimal, Output
from core.models import GradePosting, GradeSource, GradeStatus

SubmissionState = Literal["not_started", "in_progress", "submitted", "graded"]


class GradebookAssignment(Output):
    """A column."""

    id: UUID
    title: str
    category: str | None
    possible: ExactDecimal
    due_at: datetime | None
    """The class's; single students may have another."""
    omit_from_final: bool
    never_drop: bool
    grade_posting: GradePosting


class GradebookCategory(Output):
    id: str
    name: str
    weight: ExactDecimal


class Cell(Output):
    """A student's work on one assignment; `grade_id` is null where there is nothing to grade by yet."""

    assignment_id: UUID
    grade_id: UUID | None
    submission_status: SubmissionState
    score: ExactDecimal | None
    possible: ExactDecimal
    percent: ExactDecimal | None
    status: GradeStatus
    source: GradeSource | None
    entered_score: ExactDecimal | None
    """Before `deduction`."""
    deduction: ExactDecimal
    late_seconds: int
    is_late: bool
    is_missing: bool
    is_excused: bool
    is_posted: bool
    """Whether the student sees it."""
    is_overridden: bool


class Overall(ClassGradeOut):
    categories: list[dict[str, Any]]
    """`[{"id", "name", "weight", "current", "final", "all_current", "all_final"}]`.

    Each run has `score`, `possible`, `percent` and, as `dropped`, the assignments that drop rules left out.
    """


class GradebookRow(Output):
    student_id: UUID
    student_name: str
    cells: list[Cell]
    """In the order of `assignments`."""
    overall: Overall | None
    """Null before anything was settled."""


class GradebookOut(Output):
    """A page of students; what is beside them is of the whole class."""

    class_id: UUID
    policy_version: int
    weighted: bool
    assignments: list[GradebookAssignment]
    categories: list[GradebookCategory]
    items: list[GradebookRow]
    next_cursor: str | None


class ReportOut(Output):
    """The whole class."""

    class_id: UUID
    class_name: str
    policy_version: int
    created_at: datetime
    assignments: list[GradebookAssignment]
    categories: list[GradebookCategory]
    students: list[GradebookRow]
