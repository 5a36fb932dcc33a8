from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from api.schemas import ExactDecimal, Input, Line, Output
from core.models import GradeSource, GradeStatus

MOST_ENTRIES = 200
EXAMPLE_ID = "01a205ae-09b3-779c-a581-367d439499f4"
Amount = Annotated[
    Decimal, Field(ge=0, le=100_000, max_digits=12, decimal_places=6, allow_inf_nan=False, examples=["8.5"])
]


class Measure(Input):
    """One way to say how good work is."""

    score: Amount | None = None
    """Points; may exceed what the assignment is worth."""
    percent: Amount | None = None
    """Of what the assignment is worth."""
    letter: Annotated[str | None, Field(min_length=1, max_length=10, examples=["B+"])] = None
    """Of the class's policy; stands for one less than the next higher cutoff."""
    passed: Annotated[bool | None, Field(examples=[True])] = None
    """All points, or none."""

    @property
    def given(self) -> list[str]:
        names = ("score", "percent", "letter", "passed")
        return [name for name in names if getattr(self, name) is not None]


class Entry(Measure):
    student_id: Annotated[UUID, Field(examples=[EXAMPLE_ID])]


class EntriesIn(Input):
    assignment_id: Annotated[UUID, Field(examples=[EXAMPLE_ID])]
    entries: Annotated[list[Entry], Field(min_length=1, max_length=MOST_ENTRIES)]
    reason: Annotated[Line | None, Field(examples=["Paper test of Monday"])] = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({entry.student_id for entry in self.entries}) != len(self.entries):
            raise ValueError("each student stands once in the list")
        return self


class OverrideIn(Measure):
    reason: Annotated[Line, Field(examples=["Presented the work instead."])]


class WordIn(Input):
    """What is left out stays; null gives the word back to the machine."""

    excused: Annotated[bool | None, Field(examples=[True])] = None
    missing: Annotated[bool | None, Field(examples=[False])] = None
    late_seconds: Annotated[int | None, Field(ge=0, le=366 * 86_400, examples=[86_400])] = None
    reason: Annotated[Line | None, Field(examples=["Ill for a week"])] = None


class PublishIn(Input):
    assignment_id: Annotated[UUID, Field(examples=[EXAMPLE_ID])]
    student_ids: Annotated[
        list[UUID] | None, Field(min_length=1, max_length=1_000, examples=[[EXAMPLE_ID]])
    ] = None
    """Left out: everyone."""
    posted: Annotated[bool, Field(examples=[True])] = True
    """false: hide them again."""


class EntryResult(Output):
    student_id: UUID
    status: Literal["accepted", "rejected"]
    code: str | None
    """Why not."""
    grade_id: UUID | None


class EntriesOut(Output):
    items: list[EntryResult]


class WordOut(Output):
    """The grade after the teacher's word."""

    grade_id: UUID
    assignment_id: UUID
    student_id: UUID
    score: ExactDecimal | None
    possible: ExactDecimal
    percent: ExactDecimal | None
    status: GradeStatus
    source: GradeSource
    entered_score: ExactDecimal | None
    deduction: ExactDecimal
    late_seconds: int
    is_excused: bool
    is_missing: bool | None
    is_posted: bool
    override_score: ExactDecimal | None
    version: int


class Published(Output):
    changed: int
    """Grades that became visible to their students, or hidden from them."""
