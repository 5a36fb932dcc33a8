"""The two kinds of question as teachers send them, and as teachers and students see them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas import ExactDecimal, Input, Line, Output, Paragraphs, Points
from core.models import Difficulty, QuestionKind, ReviewStatus

OPTION_IDS = ("a", "b", "c", "d")


class OptionIn(Input):
    text: Annotated[Line, Field(examples=["3/4"])]
    is_correct: bool = False
    feedback: Annotated[Line | None, Field(examples=["Compare the denominators."])] = None


class LevelIn(Input):
    """How well a criterion may be met, and what that is worth."""

    label: Annotated[Line, Field(examples=["Partly"])]
    points: Annotated[Decimal, Field(ge=0, le=1000, max_digits=10, decimal_places=4, examples=["1"])]
    description: Annotated[Line | None, Field(examples=["Names the process but not its product."])] = None


class CriterionIn(Input):
    criterion: Annotated[Line, Field(examples=["Names the product"])]
    points: Annotated[Points, Field(examples=["2"])]
    levels: Annotated[list[LevelIn], Field(max_length=10, default_factory=list)]
    """Left out: none or all of the points, and between them where partial credit is given."""

    @model_validator(mode="after")
    def _levels_within_the_points(self) -> Self:
        if any(level.points > self.points for level in self.levels):
            raise ValueError("a level cannot be worth more than its criterion")
        return self


class QuestionBase(Input):
    prompt: Annotated[Paragraphs, Field(examples=["Which fraction is larger than 2/3?"])]
    points: Annotated[Points, Field(examples=["2"])]
    difficulty: Difficulty = Difficulty.MEDIUM
    concept_ids: Annotated[list[UUID], Field(max_length=10, default_factory=list)]
    explanation: Annotated[Paragraphs | None, Field(examples=["3/4 = 0.75 and 2/3 = 0.66…"])] = None
    source_quote: Annotated[Paragraphs | None, Field(examples=["Fractions can be compared when …"])] = None
    """The passage the question rests on, word for word."""


class MultipleChoiceIn(QuestionBase):
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


class FreeResponseIn(QuestionBase):
    kind: Literal[QuestionKind.FREE_RESPONSE]
    model_answer: Annotated[Paragraphs | None, Field(examples=["Plants take in carbon dioxide …"])] = None
    rubric: Annotated[list[CriterionIn], Field(max_length=20, default_factory=list)]
    partial_credit: bool = True


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


class ContentForTeacher(Output):
    """Everything a question is; never for students."""

    id: UUID
    kind: QuestionKind
    prompt: str
    points: ExactDecimal
    difficulty: Difficulty
    options: list[dict[str, Any]] | None
    correct_option: str | None
    model_answer: str | None
    rubric: list[dict[str, Any]] | None
    partial_credit: bool
    explanation: str | None
    source_quote: str | None
    provenance: dict[str, Any] | None
    concept_ids: list[UUID] = Field(default_factory=list)


class QuestionForTeacher(ContentForTeacher):
    position: int
    review_status: ReviewStatus
    reviewed_at: datetime | None
    key_version: int


class BankQuestionOut(ContentForTeacher):
    bank_id: UUID
    name: str | None
    created_at: datetime
