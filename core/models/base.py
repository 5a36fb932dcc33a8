"""What every table shares: naming, time, soft deletion, and the columns that fence tenants."""

import enum
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Enum, ForeignKeyConstraint, MetaData, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.ids import new_id

SCHEMA = "app"

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(schema=SCHEMA, naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, Any]]: JSONB(none_as_null=True),
    }


class Timestamped:
    """`created_at` and `updated_at` in UTC, kept by the database; `updated_at` moves with each UPDATE."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now(), sort_order=91
    )


class SoftDeleted:
    """People's content is never removed by a click; `deleted_at` hides it until retention takes it."""

    deleted_at: Mapped[datetime | None] = mapped_column(sort_order=92)


class TenantOwned:
    """The district first in the primary key, so every key and index starts with the tenant."""

    district_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-30)


class Identified(TenantOwned):
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-20)


class SchoolOwned(Identified):
    """A row behind the second fence; children point at it with `(district_id, school_id, id)`."""

    school_id: Mapped[UUID] = mapped_column(sort_order=-25)


def district_reference(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the district: plain ones bypass row security."""
    return ForeignKeyConstraint(
        ["district_id", column], [f"{SCHEMA}.{table}.district_id", f"{SCHEMA}.{table}.id"]
    )


def school_reference(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that can leave neither the district nor the school."""
    return ForeignKeyConstraint(
        ["district_id", "school_id", column],
        [f"{SCHEMA}.{table}.district_id", f"{SCHEMA}.{table}.school_id", f"{SCHEMA}.{table}.id"],
    )


def in_district() -> ForeignKeyConstraint:
    """The row's district exists."""
    return ForeignKeyConstraint(["district_id"], [f"{SCHEMA}.districts.district_id"])


def in_school() -> ForeignKeyConstraint:
    """The row's school exists and is the district's own."""
    return district_reference("school_id", "schools")


def choice(values: type[enum.StrEnum], name: str) -> Enum:
    """Text with a CHECK: native enums are not leakproof and lose their index under row security."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )
