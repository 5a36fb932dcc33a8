from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import EmailStr, Field, StringConstraints

from api.schemas import GradeLevel, Input, Line, Output
from core.models import InvitationStatus
from core.tenancy import Role

Password = Annotated[
    str, StringConstraints(min_length=8, max_length=256), Field(examples=["plum-harbor-lantern-42"])
]
Email = Annotated[EmailStr, Field(max_length=254, examples=["ada@school.example"])]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class StudentRegistration(Input):
    name: Line
    email: Email
    password: Password
    grade_level: GradeLevel
    birth_date: date
    """Only decides whether a guardian must consent; not stored."""
    class_code: Annotated[
        str, StringConstraints(strip_whitespace=True, to_upper=True, min_length=4, max_length=20)
    ]
    guardian_email: Email | None = None


class StaffRegistration(Input):
    invitation_token: Secret
    name: Line
    email: Email
    password: Password


class RegistrationAnswer(Output):
    """The same for a new and a known address, so nobody learns who is registered."""

    status: Literal["accepted"] = "accepted"


class InvitationCreate(Input):
    email: Email
    role: Literal[Role.TEACHER, Role.ADMIN]
    school_id: UUID | None = None
    """Needed for a teacher; without it the admin is one of the whole district."""


class InvitationOut(Output):
    id: UUID
    email: str
    role: Role
    school_id: UUID | None
    status: InvitationStatus
    expires_at: datetime


class InvitationCreated(InvitationOut):
    invitation_token: str
    """Shown this once; pass it on to the invited person."""


class Login(Input):
    email: Email
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Refresh(Input):
    refresh_token: Secret


class Tokens(Output):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: Annotated[int, Field(description="Seconds")]
    refresh_token: str | None = None
    """Null when a racing tab presented the token before the current one: keep the one you have."""


class LoggedOut(Output):
    status: Literal["logged_out"] = "logged_out"
