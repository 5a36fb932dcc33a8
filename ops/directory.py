"""Districts, schools and first admins, written by the operator as the owner of the tables.

Row security binds the owner too: each act announces its district first, like every other transaction.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, NullPool, create_engine, text

from core.ids import new_id
from core.keys import KeyRing
from core.passwords import WeakPasswordError, hash_password, require_strength
from core.tenancy import DISTRICT_SCOPE, TenantId


class DirectoryError(Exception):
    """What was asked cannot be created; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Admin:
    """An admin to be: of one school, or of the whole district when `school_id` is None."""

    district_id: UUID
    school_id: UUID | None
    email: str
    name: str
    password: str


@dataclass(frozen=True)
class OwnerDesk:
    """The owner's connection and the keys."""

    connection: Connection
    keys: KeyRing

    @classmethod
    @contextmanager
    def open(cls, admin_url: str, keys: KeyRing) -> Iterator["OwnerDesk"]:
        """Open one transaction as `app_owner`; committed when the block ends well."""
        engine = create_engine(admin_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE app_owner"))
            yield cls(connection, keys)

    def enter(self, tenant: TenantId) -> None:
        self.connection.execute(
            text(
                "SELECT set_config('app.district_id', :district, true), set_config('app.scope', :scope, true)"
            ),
            {"district": str(tenant), "scope": str(DISTRICT_SCOPE)},
        )


def create_district(desk: OwnerDesk, name: str, time_zone: str) -> UUID:
    """Create a district and its line in the directory. Raises DirectoryError for an unknown time zone."""
    if time_zone not in available_timezones():
        raise DirectoryError(f"there is no time zone {time_zone!r}; take a name such as America/New_York")
    district_id = new_id()
    desk.enter(TenantId.from_command_line(district_id))
    desk.connection.execute(
        text("INSERT INTO app.districts (district_id, name, time_zone) VALUES (:id, :name, :time_zone)"),
        {"id": district_id, "name": _named(name), "time_zone": time_zone},
    )
    desk.connection.execute(
        text("INSERT INTO app.district_directory (id, status) VALUES (:id, 'active')"), {"id": district_id}
    )
    return district_id


def create_school(desk: OwnerDesk, district_id: UUID, name: str) -> UUID:
    """Create a school. Raises DirectoryError for an unknown district."""
    _enter_known(desk, district_id)
    school_id = new_id()
    desk.connection.execute(
        text("INSERT INTO app.schools (district_id, id, name) VALUES (:district_id, :id, :name)"),
        {"district_id": district_id, "id": school_id, "name": _named(name)},
    )
    return school_id


def create_admin(desk: OwnerDesk, admin: Admin) -> UUID:
    """Create an admin who can sign in. Raises DirectoryError for bad input or an address in use."""
    _check_person(admin)
    _enter_known(desk, admin.district_id)
    if admin.school_id is not None:
        _require_school(desk, admin)
    user_id = new_id()
    identity = {
        "user_id": user_id,
        "email_index": desk.keys.email_index(admin.email),
        "password_hash": asyncio.run(hash_password(admin.password)),
    }
    statement = text("SELECT auth.create_identity(:user_id, :email_index, :password_hash)")
    if not desk.connection.scalar(statement, identity):
        raise DirectoryError(f"the address {admin.email} is in use")
    desk.connection.execute(
        text(
            "INSERT INTO app.users (district_id, school_id, id, role, name, email, status)"
            " VALUES (:district_id, :school_id, :id, 'admin', :name, :email, 'active')"
        ),
        {
            "district_id": admin.district_id,
            "school_id": admin.school_id,
            "id": user_id,
            "name": admin.name,
            "email": admin.email,
        },
    )
    return user_id


def _enter_known(desk: OwnerDesk, district_id: UUID) -> None:
    statement = text("SELECT 1 FROM app.district_directory WHERE id = :id")
    if desk.connection.scalar(statement, {"id": district_id}) is None:
        raise DirectoryError(f"there is no district {district_id}")
    desk.enter(TenantId.from_command_line(district_id))


def _require_school(desk: OwnerDesk, admin: Admin) -> None:
    statement = text("SELECT 1 FROM app.schools WHERE district_id = :district_id AND id = :id")
    keys = {"district_id": admin.district_id, "id": admin.school_id}
    if desk.connection.scalar(statement, keys) is None:
        raise DirectoryError(f"the district has no school {admin.school_id}")


def _check_person(admin: Admin) -> None:
    _named(admin.name)
    try:
        validate_email(admin.email, check_deliverability=False)
        require_strength(admin.password, [admin.name, admin.email])
    except (EmailNotValidError, WeakPasswordError) as error:
        raise DirectoryError(str(error)) from error


def _named(name: str) -> str:
    if not name.strip() or "\x00" in name:
        raise DirectoryError("a name may not be empty")
    return name.strip()
