from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.questions.schemas import QuestionForStudent, QuestionForTeacher
from api.schemas import ExactDecimal, Input, Line, Moment, Output, Paragraphs
from core.domain.grading import AttemptPolicy
from core.models import AssignmentStatus, FeedbackRelease, GradePosting, GradingType

MAXIMUM_QUESTIONS = 200

AssignmentPoints = Annotated[
    Decimal, Field(ge=0, le=100_000, max_digits=10, decimal_places=4, allow_inf_nan=False, examples=["20"])
]
Attempts = Annotated[int, Field(ge=1, le=100, examples=[2])]
Minutes = Annotated[int, Field(ge=1, le=1440, examples=[45])]
Title = Annotated[Line, Field(examples=["Fractions, week 3"])]


class OptionalSettings(Input):
    """What an assignment may have or not; null: it has none."""

    description: Annotated[Paragraphs | None, Field(examples=["Adding and comparing."])] = None
    instructions: Annotated[Paragraphs | None, Field(examples=["Paper is allowed."])] = None
    category: Annotated[Line | None, Field(examples=["Quiz"])] = None
    time_limit_minutes: Minutes | None = None
    """From the start of an attempt; a student's accommodation multiplies it."""
    points: AssignmentPoints | None = None
    """What it counts in the gradebook; null: the sum of its questions."""


class OptionalDates(Input):
    available_at: Annotated[Moment | None, Field(examples=["2026-11-23T14:00:00Z"])] = None
    due_at: Annotated[Moment | None, Field(examples=["2026-11-27T22:00:00Z"])] = None
    available_until: Annotated[Moment | None, Field(examples=["2026-11-29T22:00:00Z"])] = None
    """From then on nothing is taken; work between `due_at` and it is late."""


class FurtherSettings(OptionalSettings):
    """What every assignment has, with what a new one has unless told otherwise."""

    max_attempts: Attempts = 1
    shuffle_questions: Annotated[bool, Field(examples=[True])] = False
    shuffle_options: Annotated[bool, Field(examples=[True])] = False
    feedback_release: FeedbackRelease = FeedbackRelease.INSTANT
    attempt_policy: AttemptPolicy = AttemptPolicy.BEST
    """Which of several attempts is the grade; each is penalised for its own lateness first."""
    grade_posting: GradePosting = GradePosting.AUTOMATIC
    """`automatic`: students see grades with the feedback; `manual`: when their teacher publishes them."""
    grading_type: GradingType = GradingType.POINTS
    omit_from_final: Annotated[bool, Field(examples=[False])] = False
    """Graded and shown, but no part of any overall grade."""
    never_drop: Annotated[bool, Field(examples=[False])] = False
    """No drop rule of its category may leave it out."""


class AssignmentCreate(FurtherSettings, OptionalDates):
    class_id: Annotated[UUID, Field(examples=["01a205a9-3b04-744d-afed-1dca955d52f1"])]
    title: Title

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if problem := date_problem(self.available_at, self.due_at, self.available_until):
            raise ValueError(problem[1])
        return self


class AssignmentUpdate(OptionalSettings, OptionalDates):
    """What is left out stays; null empties a field that may be empty."""

    title: Annotated[Line, Field(default=None, examples=["Fractions, week 4"])]
    max_attempts: Annotated[int, Field(default=None, ge=1, le=100, examples=[2])]
    shuffle_questions: Annotated[bool, Field(default=None, examples=[True])]
    shuffle_options: Annotated[bool, Field(default=None, examples=[True])]
    feedback_release: Annotated[FeedbackRelease, Field(default=None)]
    attempt_policy: Annotated[AttemptPolicy, Field(default=None)]
    grade_posting: Annotated[GradePosting, Field(default=None)]
    grading_type: Annotated[GradingType, Field(default=None)]
    omit_from_final: Annotated[bool, Field(default=None, examples=[True])]
    never_drop: Annotated[bool, Field(default=None, examples=[True])]


def date_problem(
    available_at: datetime | None, due_at: datetime | None, available_until: datetime | None
) -> tuple[str, str] | None:
    """Return the field and the sentence of dates that contradict each other, None when they do not."""
    if available_at and due_at and available_at >= due_at:
        return "due_at", "available_at must be before due_at"
    if available_at and available_until and available_at >= available_until:
        return "available_until", "available_at must be before available_until"
    if due_at and available_until and due_at > available_until:
        return "available_until", "due_at must not be after available_until"
    return None


class AssignmentOut(Output):
    """To a student, dates, attempts and time limit are the student's own."""

    id: UUID
    class_id: UUID
    title: str
    description: str | None
    instructions: str | None
    category: str | None
    status: AssignmentStatus
    available_at: datetime | None
    due_at: datetime | None
    available_until: datetime | None
    max_attempts: int
    time_limit_minutes: int | None
    points: ExactDecimal | None
    shuffle_questions: bool
    shuffle_options: bool
    feedback_release: FeedbackRelease
    attempt_policy: AttemptPolicy
    grade_posting: GradePosting
    grading_type: GradingType
    omit_from_final: bool
    never_drop: bool
    published_at: datetime | None
    version: int
    """The `ETag`: one more with each change of the assignment or its questions."""
    created_at: datetime


class AssignmentWithQuestions(AssignmentOut):
    questions: list[QuestionForTeacher | QuestionForStudent]


class QuestionSaved(QuestionForTeacher):
    """A question as it is now."""

    assignment_version: int
    """The version of its assignment that holds it: the `ETag`."""


class PublishIn(Input):
    allow_unreviewed: Annotated[bool, Field(examples=[False])] = False
    """Show the students what nobody has looked at; the audit trail keeps that you said so."""


class DuplicateIn(Input):
    class_ids: Annotated[
        list[UUID],
        Field(min_length=1, max_length=20, default=None, examples=[["01a205a9-3b04-744d-afed-1dca955d52f1"]]),
    ]
    """Classes you teach, of this year or another; left out: the assignment's own class."""
    shift_days: Annotated[int, Field(ge=-3660, le=3660, examples=[365])] = 0
    """How far to move the dates."""
    title: Annotated[Line, Field(default=None, examples=["Fractions, week 3 (B)"])]
    """Left out: the same title."""


class Copies(Output):
    assignments: list[AssignmentOut]


class OrderIn(Input):
    question_ids: Annotated[
        list[UUID],
        Field(
            min_length=1,
            max_length=MAXIMUM_QUESTIONS,
            examples=[["01a205a9-3b04-744d-afed-1dca955d52f1", "01a205a9-3b04-744d-afed-1dca955d52f2"]],
        ),
    ]
    """Every question of the assignment once, in the order they shall have."""


class FromBankIn(Input):
    question_ids: Annotated[
        list[UUID],
        Field(
            min_length=1,
            max_length=MAXIMUM_QUESTIONS,
            examples=[["01a205a9-3b04-744d-afed-1dca955d52f1"]],
        ),
    ]
    """Questions of your banks or of those the school shares; they are appended as copies, in this order."""


class KeyVersionOut(Output):
    """What was right, and worth how much, from `created_at` until the next version."""

    version: int
    correct_option: str | None
    model_answer: str | None
    rubric: list[dict[str, object]] | None
    points: ExactDecimal
    changed_by: UUID | None
    created_at: datetime
