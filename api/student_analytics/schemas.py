from datetime import date, datetime
from uuid import UUID

from api.analytics.schemas import Analytic, AnalyticPage, ConceptMasteryOut, Percent
from api.schemas import ExactDecimal, Output


class StudentConcepts(Analytic):
    student_id: UUID
    student_name: str
    items: list[ConceptMasteryOut]


class MasteryDay(Output):
    day: date
    """UTC; days on which the number moved."""
    mastery_percent: Percent
    lower_percent: Percent
    upper_percent: Percent
    evidence_count: int
    band: str


class Evidence(Output):
    answer_id: UUID
    assignment_id: UUID
    question_id: UUID
    text: str
    answered_at: datetime
    outcome: float
    """What the student got right of it, 0-1."""
    typical_outcome: float
    """What the students of the class got right of it on average, 0-1."""


class ConceptDetail(Analytic):
    student_id: UUID
    concept_id: UUID
    concept_name: str
    mastery: ConceptMasteryOut | None
    """Null where nothing on it was answered yet."""
    explanation: str | None
    """The newest answers in a sentence, beside what a typical student gets."""
    evidence: list[Evidence]
    """The newest six answers in classes you see, the latest first."""
    history: list[MasteryDay]


class StudentAnswer(Output):
    answer_id: UUID
    class_id: UUID
    assignment_id: UUID
    question_id: UUID
    text: str
    question_kind: str
    attempt_number: int
    answered_at: datetime
    selected_option: str | None
    is_correct: bool | None
    score: ExactDecimal | None
    possible: ExactDecimal
    time_spent_ms: int
    concept_ids: list[UUID]


class AssignmentTime(Output):
    assignment_id: UUID
    assignment_title: str
    class_id: UUID
    attempt_count: int
    active_ms: int
    """Time at work, idle gaps cut."""
    is_accommodated: bool
    norm_ms: float | None
    """Median of the class without students who have more time; null under five of them."""
    share_of_norm: float | None


class AnswerPage(AnalyticPage[StudentAnswer]):
    student_id: UUID


class TimePage(AnalyticPage[AssignmentTime]):
    student_id: UUID
