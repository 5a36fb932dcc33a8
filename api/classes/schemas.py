from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.accommodations.schemas import AccommodationOut
from api.schemas import GradeLevel, Input, Line, Moment, Output
from core.models import EnrollmentStatus

OF_THE_CODE = ("code", "code_expires_at", "code_max_uses", "code_uses")
"""What of a class concerns its code: for staff only."""

MOST_DECISIONS = 200
"""Places decided about with one call; a large course's worth."""


def _without_a_gap(year: str) -> str:
    first, _, last = year.partition("-")
    if last and int(last) != int(first) + 1:
        raise ValueError("must be two years in a row")
    return year


SchoolYear = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{4}(-[0-9]{4})?$"),
    AfterValidator(_without_a_gap),
    Field(examples=["2026-2027"]),
]


class ClassCreate(Input):
    name: Annotated[Line, Field(examples=["Algebra I, period 3"])]
    subject: Annotated[Line, Field(examples=["Mathematics"])]
    grade_level: GradeLevel | None = None
    school_year: SchoolYear | None = None
    """Left out: the school year of today (from August)."""


class ClassUpdate(Input):
    name: Annotated[Line | None, Field(examples=["Algebra I, period 4"])] = None
    subject: Annotated[Line | None, Field(examples=["Mathematics"])] = None
    grade_level: GradeLevel | None = None
    school_year: SchoolYear | None = None


class ClassOut(Output):
    id: UUID
    school_id: UUID
    teacher_id: UUID
    name: str
    subject: str
    grade_level: int | None
    school_year: str
    code: str | None = None
    """For the class's teacher and admins only."""
    code_expires_at: datetime | None = None
    code_max_uses: int | None = None
    """How many students may ask for a place with this code; null: any number."""
    code_uses: int | None = None
    created_at: datetime


class ClassCodeRotate(Input):
    expires_at: Annotated[Moment | None, Field(examples=["2027-06-30T23:59:59Z"])] = None
    """Left out: half a year from now, or what the installation says."""
    max_uses: Annotated[int | None, Field(ge=1, le=10_000, examples=[30])] = None
    """How many students may ask for a place with it; left out: any number."""


class ClassCodeAnswer(Output):
    valid: bool
    class_name: str | None = None


class JoinRequest(Input):
    code: Annotated[
        str,
        StringConstraints(strip_whitespace=True, to_upper=True, min_length=4, max_length=20),
        Field(examples=["AF7X6Z994"]),
    ]


class EnrollmentOut(Output):
    id: UUID
    class_id: UUID
    student_id: UUID
    status: EnrollmentStatus
    requested_at: datetime
    decided_at: datetime | None


class RosterEnrollment(EnrollmentOut):
    student_name: str
    student_email: str
    accommodation: AccommodationOut | None
    """Null: none was granted."""


class EnrollmentChangeOut(Output):
    old_status: EnrollmentStatus | None
    """Null: the place was new."""
    new_status: EnrollmentStatus
    changed_by: UUID | None
    """Null: an import, or somebody who was not signed in yet."""
    changed_at: datetime


Decision = Annotated[
    Literal[EnrollmentStatus.APPROVED, EnrollmentStatus.REJECTED], Field(examples=["approved"])
]


class EnrollmentDecision(Input):
    status: Decision


class BulkDecision(Input):
    enrollment_id: Annotated[UUID, Field(examples=["01a04a63-0b00-7ba3-8fc3-0ab95ac10f9a"])]
    status: Decision


class BulkDecisions(Input):
    decisions: Annotated[list[BulkDecision], Field(min_length=1, max_length=MOST_DECISIONS)]


class DecisionOutcome(StrEnum):
    DECIDED = "decided"
    UNCHANGED = "unchanged"
    """The place had this status already."""
    DECIDED_OTHERWISE = "decided_otherwise"
    """Somebody decided before, and differently; nothing was changed."""
    NOT_FOUND = "not_found"


class DecisionResult(Output):
    enrollment_id: UUID
    outcome: DecisionOutcome
    student_id: UUID | None
    status: EnrollmentStatus | None
    """As it is now."""


class DecisionResults(Output):
    results: list[DecisionResult]
    """In the order of the request."""
