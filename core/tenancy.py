"""The first wall: the only place where a tenant is named.

A `TenantId` proves where it came from, because each constructor below takes the proof itself: a verified
token, a socket handshake, a job's argument, a partition key or the answer of an `auth.*` function. There is
none that takes a request body, and tests/architecture rejects `TenantId(` anywhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from uuid import UUID


class Role(StrEnum):
    """The one, exclusive role of a user. An admin without a school is the admin of the district."""

    STUDENT = "student"
    TEACHER = "teacher"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class TenantId:
    """A district whose data the bearer may reach."""

    value: UUID

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def from_token(cls, claims: Mapping[str, Any]) -> Self:
        """Read the district of a token whose signature has been verified (REST and socket handshake)."""
        return cls(UUID(claims["district"]))

    @classmethod
    def from_job(cls, district_id: str) -> Self:
        """Read the district a background job was enqueued with, inside its causing transaction."""
        return cls(UUID(district_id))

    @classmethod
    def from_partition_key(cls, key: str) -> Self:
        """Read the district of a Dagster partition."""
        return cls(UUID(key))

    @classmethod
    def from_auth_function(cls, district_id: UUID) -> Self:
        """Take the district an `auth.*` definer function answered (login, refresh, codes)."""
        return cls(district_id)

    @classmethod
    def from_command_line(cls, district_id: UUID) -> Self:
        """Take the district an operator with the owner's credentials named on the command line."""
        return cls(district_id)


@dataclass(frozen=True, slots=True)
class Scope:
    """The second fence, inside the district: one school, or the whole district when `school_id` is None."""

    school_id: UUID | None

    def __str__(self) -> str:
        return "district" if self.school_id is None else f"school:{self.school_id}"


DISTRICT_SCOPE = Scope(school_id=None)


@dataclass(frozen=True, slots=True)
class TenantContext:
    """What every transaction tells PostgreSQL before its first statement."""

    tenant: TenantId
    scope: Scope
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person on whose behalf a request or socket message runs."""

    user_id: UUID
    role: Role
    tenant: TenantId
    school_id: UUID | None
    session_id: UUID
    needs_consent: bool = False
    """Under 13: what a guardian has not granted is closed."""
    client_id: str | None = None
    """The OAuth client that speaks for the person; None for our own applications."""

    @property
    def district_id(self) -> UUID:
        return self.tenant.value

    @property
    def context(self) -> TenantContext:
        return TenantContext(self.tenant, Scope(self.school_id), self.user_id)

    @property
    def is_student(self) -> bool:
        return self.role is Role.STUDENT

    @property
    def is_teacher(self) -> bool:
        return self.role is Role.TEACHER

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN
