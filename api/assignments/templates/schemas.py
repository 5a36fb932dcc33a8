from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.assignments.schemas import FurtherSettings, OptionalDates, Title
from api.questions.schemas import QuestionIn
from api.schemas import Input, Line, Output


class TemplateCreate(Input):
    assignment_id: Annotated[UUID, Field(examples=["01a205a9-3b04-744d-afed-1dca955d52f1"])]
    title: Annotated[Line, Field(default=None, examples=["Fractions"])]
    """Left out: the assignment's title."""
    is_shared: Annotated[bool, Field(examples=[True])] = False
    """Let every teacher of the school use it."""


class TemplateUpdate(Input):
    """What is left out stays."""

    title: Annotated[Line, Field(default=None, examples=["Fractions, revised"])]
    is_shared: Annotated[bool, Field(default=None, examples=[True])]


class TemplateUse(OptionalDates):
    class_id: Annotated[UUID, Field(examples=["01a205a9-3b04-744d-afed-1dca955d52f1"])]
    title: Annotated[Line, Field(default=None, examples=["Fractions, week 3"])]
    """Left out: the template's title."""


class KeptAssignment(FurtherSettings):
    """What an assignment is, without its class, its dates and its state."""

    title: Title


class TemplateOut(Output):
    id: UUID
    title: str
    is_shared: bool
    is_own: bool
    """Only one's own can be changed or taken away."""
    question_count: int
    created_at: datetime


class TemplateWithContent(TemplateOut):
    assignment: KeptAssignment
    questions: list[QuestionIn]
