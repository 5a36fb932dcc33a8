from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from api.curricula.outline import LONGEST_SECTION, MOST_SECTIONS
from api.generation.schemas import CountsIn
from api.schemas import Input, Line, Output
from core.models import CurriculumStatus, Difficulty, GenerationMode

MOST_FILES = 20
_ID = "01a205a9-3b04-744d-afed-1dca955d52f1"

Unit = Annotated[Line, Field(examples=["Plants"])]
Title = Annotated[Line, Field(examples=["Photosynthesis"])]
Objectives = Annotated[list[Line], Field(max_length=6, examples=[["Explain what plants make of light."]])]
Concepts = Annotated[
    list[Annotated[Line, StringConstraints(max_length=80)]],
    Field(max_length=10, examples=[["chlorophyll", "glucose"]]),
]
SourceText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_SECTION),
    Field(examples=["Plants turn light into sugar. The leaves hold chlorophyll, which …"]),
]


class CurriculumCreate(Input):
    title: Title
    file_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_FILES, examples=[[_ID]])]
    """Files of your own that have been read, in the order in which you teach them."""


class CurriculumStarted(Output):
    """Follow the job; the sections are there when it ends."""

    curriculum_id: UUID
    job_id: UUID


class CurriculumUpdate(Input):
    title: Title


class SectionCreate(Input):
    unit: Unit
    title: Title
    objectives: Annotated[Objectives, Field(default_factory=list)]
    concepts: Annotated[Concepts, Field(default_factory=list)]
    source_text: SourceText = ""
    """What its questions may ask about."""


class SectionUpdate(Input):
    """What is left out stays."""

    unit: Unit | None = None
    title: Title | None = None
    objectives: Objectives | None = None
    concepts: Concepts | None = None
    source_text: SourceText | None = None


class SectionOrder(Input):
    section_ids: Annotated[list[UUID], Field(max_length=MOST_SECTIONS, examples=[[_ID]])]
    """Every section, in its new order."""


class QuestionsIn(Input):
    counts: Annotated[CountsIn, Field(examples=[{"multiple_choice": 3, "free_response": 1}])]
    """Of each section."""
    section_ids: Annotated[
        list[UUID] | None, Field(min_length=1, max_length=MOST_SECTIONS, examples=[[_ID]])
    ] = None
    """Left out: all sections."""
    difficulty: Annotated[Difficulty | None, Field(examples=["medium"])] = None
    bank_name: Annotated[Line | None, Field(examples=["How plants live"])] = None
    """Left out: the curriculum's title."""


class QuestionsStarted(Output):
    """Follow the job; the bank fills section by section."""

    bank_id: UUID
    job_id: UUID


class SpanOut(Output):
    """Where a section stands in a file. Pages count from 1, blocks from 0; null where a file has no pages."""

    file_id: UUID
    file_name: str
    first_block: int
    last_block: int
    first_page: int | None
    last_page: int | None


class SectionOut(Output):
    id: UUID
    position: int
    unit: str
    title: str
    objectives: list[str]
    concepts: list[str]
    spans: list[SpanOut]
    """What it was made of; empty for a section its teacher wrote."""
    origin: dict[str, Any]


class SectionDetail(SectionOut):
    source_text: str


class CurriculumFileOut(Output):
    file_id: UUID
    name: str


class CurriculumOut(Output):
    id: UUID
    title: str
    status: CurriculumStatus
    job_id: UUID
    mode: GenerationMode | None
    """Who found the sections: a model, or rules without one."""
    offline_reason: str | None
    version: int
    finalized_at: datetime | None
    created_at: datetime


class CurriculumDetail(CurriculumOut):
    files: list[CurriculumFileOut]
    sections: list[SectionOut]
    """In order; at most 100."""


class SectionChanged(Output):
    """The section as it is now, and the version of its curriculum."""

    section: SectionDetail
    version: int


class JobStarted(Output):
    job_id: UUID


class RevisionOut(Output):
    version: int
    what: str
    """What was done: `outlined`, `retitled`, `section_added`, `section_changed`, `section_removed`, …"""
    saved_by: UUID
    created_at: datetime


class RevisionDetail(RevisionOut):
    content: dict[str, Any]
    """The curriculum as it was then."""
