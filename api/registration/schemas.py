from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas import GradeLevel, Input, MailAddress, Output, PersonName
from core.passwords import LONGEST

Password = Annotated[
    str,
    StringConstraints(min_length=8, max_length=LONGEST),
    Field(
        examples=["plum-harbor-lantern-42"],
        description="Any characters; at least 8 for students, 15 for teachers and admins",
    ),
]
MailedToken = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Field(
        description="From the link in the mail",
        examples=["7Ck0Jm3cZyPq2v1nT8sWbR5xLd9fGhA4eUoIiKtYw6E"],
    ),
]
BirthDate = Annotated[date, Field(examples=["2012-09-30"])]
ClassCode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, min_length=4, max_length=20),
    Field(examples=["AF7X6Z994"]),
]


class StudentRegistration(Input):
    name: PersonName
    email: MailAddress
    password: Password
    grade_level: GradeLevel
    birth_date: BirthDate
    """Only decides whether a guardian must consent; kept encrypted, never answered."""
    class_code: ClassCode
    guardian_email: Annotated[MailAddress | None, Field(examples=["parent@home.example"])] = None
    """Whom to ask under 13; not needed, and not kept, from 13 on."""


class StaffRegistration(Input):
    invitation_token: MailedToken
    name: PersonName
    email: MailAddress
    password: Password


class Accepted(Output):
    """The same for a new and a known address, so nobody learns who is registered. The rest is in a mail."""

    status: Literal["accepted"] = "accepted"


class AddressOnly(Input):
    email: MailAddress


class EmailVerification(Input):
    token: MailedToken


class EmailVerified(Output):
    status: Literal["verified"] = "verified"
