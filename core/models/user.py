"""People. Their passwords and sign-in addresses live in schema `auth`, out of the app's reach."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import (
    Base,
    Identified,
    SoftDeleted,
    TenantOwned,
    Timestamped,
    choice,
    district_reference,
    in_district,
    in_school,
)
from core.tenancy import Role


class UserStatus(StrEnum):
    ACTIVE = "active"
    AWAITING_CONSENT = "awaiting_consent"
    """Under 13, and the consent to collection was withdrawn: nothing works but granting it again."""
    DISABLED = "disabled"


class User(Identified, SoftDeleted, Timestamped, Base):
    """A student, teacher or admin; `school_id` is null for the admin of the whole district only."""

    __tablename__ = "users"
    __table_args__ = (
        in_district(),
        in_school(),
        UniqueConstraint("district_id", "school_id", "id"),
        UniqueConstraint("district_id", "email"),
        UniqueConstraint("district_id", "sourced_id"),
        CheckConstraint("school_id IS NOT NULL OR role = 'admin'", name="school"),
        CheckConstraint("grade_level BETWEEN 0 AND 12", name="grade_level"),
        Index("ix_users_school", "district_id", "school_id", "role", "id"),
    )

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    name: Mapped[str]
    email: Mapped[str]
    grade_level: Mapped[int | None]
    sourced_id: Mapped[str | None]
    """Their name in OneRoster; null: registered here."""
    birth_date_encrypted: Mapped[bytes | None]
    """Decides the consent gate and nothing else (`core.encryption`)."""
    status: Mapped[UserStatus] = mapped_column(choice(UserStatus, "status"), server_default=UserStatus.ACTIVE)


class InvitationStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


class Invitation(Identified, Timestamped, Base):
    """An admin's invitation of a teacher or another admin; the token's hash lives in `auth`."""

    __tablename__ = "invitations"
    __table_args__ = (
        in_district(),
        in_school(),
        district_reference("invited_by", "users"),
        CheckConstraint("role IN ('teacher', 'admin')", name="role"),
        CheckConstraint("school_id IS NOT NULL OR role = 'admin'", name="school"),
        Index("ix_invitations_newest", "district_id", "created_at", "id"),
    )

    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
    email: Mapped[str]
    role: Mapped[Role] = mapped_column(choice(Role, "role_known"))
    status: Mapped[InvitationStatus] = mapped_column(
        choice(InvitationStatus, "status"), server_default=InvitationStatus.PENDING
    )
    invited_by: Mapped[UUID]
    expires_at: Mapped[datetime]


class UserSearchTerm(TenantOwned, Timestamped, Base):
    """A folded word of a person's name or address; kept by a trigger on `users`, searched by prefix.

    A range on text keeps its index under row security, which LIKE does not.
    """

    __tablename__ = "user_search_terms"
    __table_args__ = (
        district_reference("user_id", "users"),
        in_school(),
        Index("ix_user_search_terms_school", "district_id", "school_id", "term", "user_id"),
        Index("ix_user_search_terms_user", "district_id", "user_id"),
    )

    term: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID | None] = mapped_column(sort_order=-25)
