from datetime import datetime
from uuid import UUID

from api.analytics.schemas import Analytic, AnalyticPage, Percent
from api.schemas import ExactDecimal, Output


class Trend(Output):
    """Where the student's level is going, over all concepts together."""

    answer_count: int
    direction: str
    """rising, steady, falling or not_enough_evidence."""
    slope: float | None
    """Logits per ten answers; null under forty answers."""
    standard_error: float | None
    secured_counts: list[int]
    """Concepts that became secure in each of the last four school weeks, oldest first."""
    secured_per_week: float | None


class ClassProgress(Output):
    """One class of the student. Nulls where there is nothing yet, or nothing the student may see yet."""

    class_id: UUID
    class_name: str
    assigned_count: int
    done_count: int
    missing_count: int
    late_count: int
    completion_percent: Percent | None
    current_percent: ExactDecimal | None
    """Overall grade of posted work."""
    all_current_percent: ExactDecimal | None
    """Overall grade of all scores; for staff."""
    class_average_percent: Percent | None
    """For staff."""
    class_median_percent: Percent | None
    """For staff."""
    class_completion_percent: Percent | None
    """For staff."""
    answer_count: int
    share_right: float | None
    """Mean outcome of first graded answers, 0-1; for staff."""
    active_ms: int
    secure_count: int | None
    struggling_count: int | None
    """Concepts by band; null for the student while something graded waits to be released."""
    last_answered_at: datetime | None
    last_handed_in_at: datetime | None


class StudentProgress(Analytic):
    student_id: UUID
    student_name: str
    trend: Trend | None
    """Null without answers, and for the student while something graded waits to be released."""
    classes: list[ClassProgress]


class ConceptProgress(Output):
    """What is known of one concept; while answers behind it wait to be released, students see only that they do."""

    concept_id: UUID
    concept_name: str
    is_updating: bool
    mastery_percent: Percent | None
    lower_percent: Percent | None
    upper_percent: Percent | None
    band: str | None
    evidence_count: int | None
    last_answered_at: datetime | None


class ConceptsProgress(Analytic):
    student_id: UUID
    items: list[ConceptProgress]


class PathStep(Output):
    class_id: UUID
    rank: int
    concept_id: UUID
    concept_name: str
    band: str | None
    mastery_percent: Percent | None
    p_next_right: float | None
    """Probability that the next answer is right; null as `band` while answers behind it wait to be released."""
    reason: str | None
    question_ids: list[UUID]
    """Questions of the teacher's banks to practise with; for staff."""


class LearningPath(Analytic):
    """Advice, never a lock."""

    student_id: UUID
    items: list[PathStep]


class AttemptLine(Output):
    submission_id: UUID
    class_id: UUID
    assignment_id: UUID
    assignment_title: str
    attempt_number: int
    status: str
    started_at: datetime
    submitted_at: datetime | None
    is_late: bool
    score: ExactDecimal | None
    """Null for the student until the grade is posted."""
    possible: ExactDecimal
    answer_count: int
    question_count: int
    active_ms: int


class AttemptPage(AnalyticPage[AttemptLine]):
    student_id: UUID
