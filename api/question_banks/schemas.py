from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.envelope import ErrorItem
from api.questions.schemas import BankQuestionOut, FreeResponseIn, MultipleChoiceIn
from api.schemas import Input, Line, Output, Paragraphs

MAXIMUM_BULK = 100

_EXAMPLE = {
    "kind": "free_response",
    "name": "Slope, in words",
    "prompt": "Explain what the slope of a line says.",
    "points": "2",
}


class BankCreate(Input):
    name: Annotated[Line, Field(examples=["Fractions, grade 5"])]
    description: Annotated[Paragraphs | None, Field(examples=["Warm-ups and exit tickets."])] = None
    subject: Annotated[Line | None, Field(examples=["Mathematics"])] = None
    is_shared: Annotated[bool, Field(examples=[True])] = False
    """Whether every teacher of the school may read and copy its questions."""


class BankUpdate(Input):
    """What is left out stays; null empties a field that may be empty."""

    name: Annotated[Line, Field(default=None, examples=["Fractions, grade 5"])]
    description: Annotated[Paragraphs | None, Field(examples=["Warm-ups and exit tickets."])] = None
    subject: Annotated[Line | None, Field(examples=["Mathematics"])] = None
    is_shared: Annotated[bool, Field(default=None, examples=[True])]


class BankOut(Output):
    id: UUID
    owner_id: UUID
    name: str
    description: str | None
    subject: str | None
    is_shared: bool
    created_at: datetime


class BankWithCount(BankOut):
    question_count: int


class _Named(Input):
    name: Annotated[Line | None, Field(examples=["Slope, in words"])] = None
    """A short title, as exchange formats carry one."""


class NamedMultipleChoiceIn(_Named, MultipleChoiceIn):
    pass


class NamedFreeResponseIn(_Named, FreeResponseIn):
    pass


NamedQuestion = NamedMultipleChoiceIn | NamedFreeResponseIn
BankQuestionIn = Annotated[NamedQuestion, Field(discriminator="kind")]


class BulkIn(Input):
    questions: Annotated[list[Any], Field(min_length=1, max_length=MAXIMUM_BULK, examples=[[_EXAMPLE]])]
    """Each as for adding one; one that is wrong is refused by itself, the others are added."""


class BulkResult(Output):
    index: int
    """Its place in the request, from 0."""
    id: UUID | None
    """Null: not added."""
    errors: list[ErrorItem]


class BulkAnswer(Output):
    added: int
    results: list[BulkResult]


class FromAssignmentIn(Input):
    assignment_id: Annotated[UUID, Field(examples=["01a205a9-3b04-744d-afed-1dca955d52f1"])]
    question_ids: Annotated[
        list[UUID],
        Field(min_length=1, max_length=200, examples=[["01a205a9-3b04-744d-afed-1dca955d52f1"]]),
    ]


class AddedQuestions(Output):
    """Copies, in the order they were asked for."""

    questions: list[BankQuestionOut]


class ImportedItem(Output):
    """An item of a file that was not taken, and why; `item` counts from 1."""

    item: int
    name: str | None
    code: str
    message: str


class BankImport(Output):
    """What an import added, or would add."""

    imported: int
    skipped: list[ImportedItem]
    unknown_concepts: list[str]
    """Named by the file, and not among the district's: create them and tag the questions, or import again."""
