from datetime import date, datetime
from uuid import UUID

from api.analytics.schemas import Analytic, AnalyticPage, Percent
from api.schemas import ExactDecimal, Output
from core.domain.items import QuestionHint


class ClassSummary(Output):
    """The class as a whole; nulls where there is nothing to tell from."""

    student_count: int
    graded_count: int
    average_percent: Percent | None
    median_percent: Percent | None
    completion_percent: Percent | None
    median_slope: float | None
    """Median trend of the students' level, logits per ten answers."""
    lower_quartile: float | None
    upper_quartile: float | None
    rising_count: int | None
    falling_count: int | None


class StudentPerformance(Output):
    student_id: UUID
    student_name: str
    assigned_count: int
    done_count: int
    missing_count: int
    late_count: int
    completion_percent: Percent | None
    current_percent: ExactDecimal | None
    """Overall grade of posted work: what the student sees."""
    all_current_percent: ExactDecimal | None
    """Overall grade of all scores."""
    answer_count: int
    share_right: float | None
    """Mean outcome of first graded answers, 0-1."""
    active_ms: int
    concept_count: int
    secure_count: int
    struggling_count: int
    direction: str | None
    """Trend of the level: rising, steady, falling, not_enough_evidence; null without an answer."""
    last_answered_at: datetime | None
    last_handed_in_at: datetime | None


class PerformancePage(AnalyticPage[StudentPerformance]):
    summary: ClassSummary | None
    """Null until the pipeline has seen the class."""


class DistributionStep(Output):
    label: str
    """`60-69`; the last step, `90+`, holds extra credit as well."""
    student_count: int


class Distribution(Analytic):
    class_id: UUID
    assignment_id: UUID | None
    steps: list[DistributionStep]
    """Ten, the lowest first."""


class OptionCount(Output):
    option_id: str
    text: str | None
    """Null when the question no longer has it."""
    is_key: bool
    count: int


class QuestionStatistics(Output):
    question_id: UUID
    assignment_id: UUID
    text: str
    question_kind: str
    answer_count: int
    student_count: int
    share_right: float
    """Mean outcome 0-1: the classical difficulty, high is easy."""
    discrimination: float | None
    """How well it tells strong from weak students, -1 to 1; null where there are too few."""
    median_time_ms: float
    options: list[OptionCount]
    hints: list[QuestionHint]
    """What a teacher may want to look at."""


class QuestionAnswer(Output):
    answer_id: UUID
    student_id: UUID
    student_name: str
    submission_id: UUID
    attempt_number: int
    answered_at: datetime
    selected_option: str | None
    is_correct: bool | None
    score: ExactDecimal | None
    possible: ExactDecimal
    time_spent_ms: int


class QuestionDetail(AnalyticPage[QuestionAnswer]):
    question: QuestionStatistics


class AssignmentTime(Output):
    assignment_id: UUID
    assignment_title: str
    student_count: int
    median_ms: float
    lower_ms: float
    upper_ms: float
    """A quarter of the students took less than `lower_ms`, a quarter more than `upper_ms`."""
    norm_ms: float | None
    """Median of those without accommodations; null under five of them."""
    norm_count: int


class StudentTime(Output):
    student_id: UUID
    student_name: str
    attempt_count: int
    active_ms: int
    """Time at work, idle gaps cut."""
    is_accommodated: bool
    norm_ms: float | None
    share_of_norm: float | None


class DayActivity(Output):
    day: date
    active_count: int
    event_count: int
    answer_count: int
    hand_in_count: int


class Activity(Analytic):
    class_id: UUID
    since: date
    until: date
    items: list[DayActivity]
    """Days (UTC) on which something happened."""


class ConceptStanding(Output):
    concept_id: UUID
    concept_name: str
    student_count: int
    secure_count: int
    developing_count: int
    struggling_count: int
    not_enough_evidence_count: int
    below_threshold_count: int
    median_percent: Percent


class ClassConcepts(Analytic):
    class_id: UUID
    items: list[ConceptStanding]


class CompletionLine(Output):
    assignment_id: UUID
    assignment_title: str
    due_at: datetime | None
    assigned_count: int
    excused_count: int
    not_started_count: int
    in_progress_count: int
    submitted_count: int
    graded_count: int
    late_count: int
    missing_count: int
    completion_percent: Percent | None
    average_percent: Percent | None
    median_percent: Percent | None
