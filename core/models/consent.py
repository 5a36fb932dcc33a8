"""A guardian's or school's word on a child's data: every decision is kept, the newest per scope counts.

Before a guardian has answered, a child under 13 is a `ConsentRequest` and nothing else: no user, no sign-in.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, SchoolOwned, Timestamped, choice, in_school, school_reference


class ConsentScope(StrEnum):
    COLLECTION = "collection"
    AI_PROCESSING = "ai_processing"
    THIRD_PARTY_DISCLOSURE = "third_party_disclosure"


class ConsentDecision(StrEnum):
    GRANTED = "granted"
    DECLINED = "declined"
    REVOKED = "revoked"


class ConsentBasis(StrEnum):
    PARENT = "parent"
    SCHOOL_AGENT = "school_agent"


class ConsentRequestStatus(StrEnum):
    WAITING = "waiting"
    GRANTED = "granted"
    """The guardian agreed; the child may finish the registration."""
    COMPLETED = "completed"
    """The child has an account, whose id is the request's."""


class ConsentRequest(SchoolOwned, Timestamped, Base):
    """A child's wish to join a class. Its id becomes the student's. Removed when declined or unanswered."""

    __tablename__ = "consent_requests"
    __table_args__ = (
        in_school(),
        school_reference("class_id", "classes"),
        Index("ix_consent_requests_expires", "district_id", "status", "expires_at"),
    )

    class_id: Mapped[UUID]
    child_name: Mapped[str | None]
    """Until the account exists, which then has it."""
    guardian_email_encrypted: Mapped[bytes]
    status: Mapped[ConsentRequestStatus] = mapped_column(
        choice(ConsentRequestStatus, "status"), server_default=ConsentRequestStatus.WAITING
    )
    expires_at: Mapped[datetime]


class Consent(SchoolOwned, Timestamped, Base):
    """One decision about one scope. Append-only; no key to the student, who may never come to be."""

    __tablename__ = "consents"
    __table_args__ = (
        in_school(),
        Index("ix_consents_student", "district_id", "student_id", "scope", "id"),
    )

    student_id: Mapped[UUID]
    scope: Mapped[ConsentScope] = mapped_column(choice(ConsentScope, "scope"))
    decision: Mapped[ConsentDecision] = mapped_column(choice(ConsentDecision, "decision"))
    basis: Mapped[ConsentBasis] = mapped_column(choice(ConsentBasis, "basis"))
    notice_version: Mapped[str]
    method: Mapped[str]
    """How it was given: "email_link", "school_record"."""
    decided_by: Mapped[UUID | None]
    """The school's agent; null for a guardian, who has no account."""
    decided_at: Mapped[datetime]
