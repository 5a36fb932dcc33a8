"""Districts (the tenants), their directory, and their schools."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Identified, SoftDeleted, Timestamped, choice, in_district


class DistrictStatus(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"


class District(Timestamped, Base):
    """A tenant. Its id *is* `district_id`, so one policy fits every table."""

    __tablename__ = "districts"

    district_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    sourced_id: Mapped[str | None]
    time_zone: Mapped[str] = mapped_column(server_default="UTC")


class DistrictDirectory(Timestamped, Base):
    """The one list readable without a tenant: ids and status, nothing personal, not even the name."""

    __tablename__ = "district_directory"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[DistrictStatus] = mapped_column(choice(DistrictStatus, "status"))


class School(Identified, SoftDeleted, Timestamped, Base):
    __tablename__ = "schools"
    __table_args__ = (in_district(), UniqueConstraint("district_id", "sourced_id"))

    name: Mapped[str]
    sourced_id: Mapped[str | None]
    """Its name in OneRoster; null: made here."""
