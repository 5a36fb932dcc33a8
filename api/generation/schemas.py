from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from api.schemas import Document, Input, Line, Output
from core.models import CandidateState, Difficulty, GenerationMode

FEWEST_LETTERS = 200
"""A paragraph: less holds no question worth asking."""
LONGEST_SOURCE = 1_000_000
"""Characters: a thick book; one quiz asks about at most 50 of its passages."""
MOST_QUESTIONS = 50


class SourceIn(Input):
    """What the questions are about: a text, files of one's own that have been read, or (parts of) a curriculum."""

    text: Annotated[
        Document | None,
        Field(examples=["Photosynthesis is the process by which plants make their own food from light, …"]),
    ] = None
    file_ids: Annotated[list[UUID] | None, Field(min_length=1, max_length=20)] = None
    curriculum_id: UUID | None = None
    section_ids: Annotated[list[UUID] | None, Field(min_length=1, max_length=100)] = None
    """Of the curriculum; left out: all."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [self.text is not None, self.file_ids is not None, self.curriculum_id is not None]
        if sum(given) != 1 or (self.section_ids is not None and self.curriculum_id is None):
            raise PydanticCustomError(
                "source", "Give a text, file_ids or a curriculum_id, and only one of them."
            )
        return self


class CountsIn(Input):
    multiple_choice: Annotated[int, Field(ge=0, le=MOST_QUESTIONS, examples=[8])] = 0
    free_response: Annotated[int, Field(ge=0, le=20, examples=[2])] = 0

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not 1 <= self.multiple_choice + self.free_response <= MOST_QUESTIONS:
            raise ValueError(f"ask for 1 to {MOST_QUESTIONS} questions")
        return self


class GenerateIn(Input):
    class_id: Annotated[UUID, Field(examples=["01a205a9-3b04-744d-afed-1dca955d52f1"])]
    title: Annotated[Line | None, Field(examples=["Photosynthesis"])] = None
    source: Annotated[SourceIn, Field(examples=[{"text": "Photosynthesis is the process by which plants …"}])]
    counts: Annotated[CountsIn, Field(examples=[{"multiple_choice": 8, "free_response": 2}])]
    difficulty: Annotated[Difficulty | None, Field(examples=["medium"])] = None
    concept_ids: Annotated[list[UUID], Field(max_length=10, default_factory=list)]

    @field_validator("source", mode="before")
    @classmethod
    def _plain_text_is_a_source(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class GenerationStarted(Output):
    """Follow the job; the draft fills when it ends."""

    job_id: UUID
    assignment_id: UUID


class GenerationOut(Output):
    """How the writing of a draft's questions went."""

    id: UUID
    job_id: UUID
    mode: GenerationMode | None
    offline_reason: str | None
    """Why no model wrote them, or not all of them."""
    waiting_since: datetime | None
    finished_at: datetime | None
    created_at: datetime
    passed: int
    quarantined: int


class CandidateOut(Output):
    """A question that did not pass, as it was written, with what was found."""

    id: UUID
    state: CandidateState
    content: dict[str, Any]
    findings: list[dict[str, Any]]
    created_at: datetime
