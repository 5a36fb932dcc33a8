from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas import GradeLevel, Input, Line, Moment, Output
from core.models import EnrollmentStatus

SchoolYear = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^\d{4}(-\d{4})?$"), Field(examples=["2026-2027"])
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
    created_at: datetime


class ClassCodeRotate(Input):
    expires_at: Annotated[Moment | None, Field(examples=["2027-06-30T23:59:59Z"])] = None


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


class EnrollmentDecision(Input):
    status: Annotated[
        Literal[EnrollmentStatus.APPROVED, EnrollmentStatus.REJECTED], Field(examples=["approved"])
    ]
