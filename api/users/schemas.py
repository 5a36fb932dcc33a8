from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.schemas import Input, Output, PersonName
from core.models import UserStatus
from core.tenancy import Role


class Profile(Output):
    id: UUID
    district_id: UUID
    school_id: UUID | None
    """Null for an admin of the whole district."""
    school_name: str | None = Field(examples=["Hillside Elementary School"])
    role: Role
    name: str = Field(examples=["Ada Lovelace"])
    email: str = Field(examples=["ada@school.example"])
    email_verified: bool
    grade_level: int | None
    """A student's; null for staff."""


class ProfileUpdate(Input):
    name: Annotated[PersonName | None, Field(examples=["Ada Lovelace"])] = None


class UserOut(Output):
    id: UUID
    school_id: UUID | None
    role: Role
    name: str = Field(examples=["Ada Lovelace"])
    email: str = Field(examples=["ada@school.example"])
    grade_level: int | None
    status: UserStatus


class Reader(Output):
    id: UUID
    name: str | None = Field(examples=["Grace Hopper"])
    """Null for somebody who has left the school since."""
    role: Role | None


class DisclosureOut(Output):
    id: UUID
    read_at: datetime
    reader: Reader
    record: Annotated[str, Field(examples=["grade"])]
    """What was read."""
    purpose: Annotated[str, Field(examples=["grade:read"])]
    """The permission that opened the door."""
    why: Annotated[str, Field(examples=["See grades and how they came about"])]
    """The permission in plain words."""
