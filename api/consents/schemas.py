from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.registration.schemas import MailedToken, Password
from api.schemas import GradeLevel, Input, MailAddress, Output
from core.models import ConsentBasis, ConsentDecision, ConsentRequestStatus, ConsentScope

_EXAMPLE = {"collection": "granted", "ai_processing": "declined", "third_party_disclosure": "declined"}


class Decisions(Input):
    """One word per scope; a scope that is left out stays as it is."""

    decisions: Annotated[
        dict[ConsentScope, ConsentDecision], Field(min_length=1, max_length=3, examples=[_EXAMPLE])
    ]
    """After a yes, a no is kept as `revoked`; before one, as `declined`."""


class ScopeState(Output):
    """The decision that counts for one scope; nulls where nobody has spoken."""

    scope: ConsentScope
    decision: ConsentDecision | None = None
    basis: ConsentBasis | None = None
    notice_version: str | None = None
    decided_at: datetime | None = None


class ConsentNotice(Output):
    child_name: str = Field(examples=["Ben"])
    school_name: str = Field(examples=["Hillside Elementary School"])
    notice_version: str = Field(examples=["2026-11"])
    notice: str = Field(examples=["Ben would like to use Homeroom in a class at …"])
    status: ConsentRequestStatus
    answer_by: datetime | None
    """After this moment everything about the request is deleted; null once the child has an account."""
    scopes: list[ScopeState]


class ConsentAnswer(Output):
    """What counts now."""

    status: ConsentRequestStatus | Literal["deleted"]
    scopes: list[ScopeState]
    registration_token: str | None = None
    """For the child, to finish the registration with; also mailed. Null when there is nothing to finish."""


class ChildRegistration(Input):
    registration_token: MailedToken
    email: MailAddress
    password: Password
    grade_level: GradeLevel
    birth_date: Annotated[date, Field(examples=["2018-05-01"])]
    """Kept encrypted; decides until when a guardian is asked. Never answered."""


class StudentConsents(Output):
    student_id: UUID
    scopes: list[ScopeState]
