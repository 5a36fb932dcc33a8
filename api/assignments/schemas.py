from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas import ExactDecimal, Input, Line, Moment, Output, Paragraphs, Points
from core.models import AssignmentStatus, Difficulty, QuestionKind

OPTION_IDS = ("a", "b", "c", "d")


class AssignmentCreate(Input):
    class_id: Annotated[UUID, Field(examples=["01a205a9-3b04-744d-afed-1dca955d52f1"])]
    title: Annotated[Line, Field(examples=["Fractions, week 3"])]
    description: Annotated[Paragraphs | None, Field(examples=["Adding and comparing."])] = None
    instructions: Annotated[Paragraphs | None, Field(examples=["Paper is allowed."])] = None
    category: Annotated[Line | None, Field(examples=["Quiz"])] = None
    available_at: Annotated[Moment | None, Field(examples=["2026-11-23T14:00:00Z"])] = None
    due_at: Annotated[Moment | None, Field(examples=["2026-11-27T22:00:00Z"])] = None
    max_attempts: Annotated[int, Field(ge=1, le=100, examples=[2])] = 1

    @model_validator(mode="after")
    def _available_before_due(self) -> Self:
        if self.available_at and self.due_at and self.available_at >= self.due_at:
            raise ValueError("available_at must be before due_at")
        return self


class AssignmentUpdate(Input):
    """What is left out stays; null empties a field that may be empty."""

    title: Annotated[Line, Field(default=None, examples=["Fractions, week 4"])]
    description: Annotated[Paragraphs | None, Field(examples=["Adding and comparing."])] = None
    instructions: Annotated[Paragraphs | None, Field(examples=["Paper is allowed."])] = None
    category: Annotated[Line | None, Field(examples=["Quiz"])] = None
    available_at: Annotated[Moment | None, Field(examples=["2026-11-23T14:00:00Z"])] = None
    due_at: Annotated[Moment | None, Field(examples=["2026-11-27T22:00:00Z"])] = None
    max_attempts: Annotated[int, Field(default=None, ge=1, le=100, examples=[2])]


class OptionIn(Input):
    text: Line
    is_correct: bool = False
    feedback: Line | None = None


class CriterionIn(Input):
    criterion: Line
    points: Points


class _QuestionIn(Input):
    prompt: Paragraphs
    points: Annotated[Points, Field(examples=["2"])]
    difficulty: Difficulty = Difficulty.MEDIUM
    concept_ids: Annotated[list[UUID], Field(max_length=10, default_factory=list)]
    explanation: Paragraphs | None = None


class MultipleChoiceIn(_QuestionIn):
    kind: Literal[QuestionKind.MULTIPLE_CHOICE]
    options: Annotated[list[OptionIn], Field(min_length=4, max_length=4)]
    """Exactly four, exactly one correct."""

    @model_validator(mode="after")
    def _one_correct_and_all_distinct(self) -> Self:
        if sum(option.is_correct for option in self.options) != 1:
            raise ValueError("exactly one option must be correct")
        if len({option.text.casefold() for option in self.options}) != len(self.options):
            raise ValueError("the options must differ")
        return self


class FreeResponseIn(_QuestionIn):
    kind: Literal[QuestionKind.FREE_RESPONSE]
    model_answer: Paragraphs | None = None
    rubric: Annotated[list[CriterionIn], Field(max_length=20, default_factory=list)]


QuestionIn = Annotated[MultipleChoiceIn | FreeResponseIn, Field(discriminator="kind")]


class OptionOut(Output):
    id: str
    text: str


class QuestionForStudent(Output):
    """What a student may see before answering: no key, no rubric, no explanation."""

    id: UUID
    position: int
    kind: QuestionKind
    prompt: str
    points: ExactDecimal
    options: list[OptionOut] | None


class QuestionForTeacher(QuestionForStudent):
    difficulty: Difficulty
    options: list[dict[str, Any]] | None  # type: ignore[assignment]
    correct_option: str | None
    model_answer: str | None
    rubric: list[dict[str, Any]] | None
    explanation: str | None
    concept_ids: list[UUID] = Field(default_factory=list)


class AssignmentOut(Output):
    id: UUID
    class_id: UUID
    title: str
    description: str | None
    instructions: str | None
    category: str | None
    status: AssignmentStatus
    available_at: datetime | None
    due_at: datetime | None
    max_attempts: int
    published_at: datetime | None
    version: int
    created_at: datetime


class AssignmentWithQuestions(AssignmentOut):
    questions: list[QuestionForTeacher | QuestionForStudent]
