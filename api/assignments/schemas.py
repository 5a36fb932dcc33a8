from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.questions.schemas import QuestionForStudent, QuestionForTeacher
from api.schemas import Input, Line, Moment, Output, Paragraphs
from core.models import AssignmentStatus


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
