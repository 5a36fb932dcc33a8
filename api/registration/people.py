"""Making a person who can sign in, inside the caller's transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.registration import queries
from core.audit import record_audit
from core.consents import seal_birth_date
from core.encryption import ColumnKeys
from core.ids import new_id
from core.keys import KeyRing
from core.models import User, UserStatus
from core.tenancy import Role, TenantId


class AddressTakenError(Exception):
    """Rolls the savepoint of a registration back; whoever registers never learns of it."""


@dataclass(frozen=True)
class Newcomer:
    """What a student says about themselves, 13 or older."""

    name: str
    email: str
    grade_level: int
    birth_date: date


def new_student(columns: ColumnKeys, place: Row[Any], newcomer: Newcomer) -> User:
    """The student of a class code's `place`, not yet stored."""
    tenant = TenantId.from_auth_function(place.district_id)
    return User(
        district_id=place.district_id,
        id=new_id(),
        school_id=place.school_id,
        role=Role.STUDENT,
        name=newcomer.name,
        email=newcomer.email.lower(),
        grade_level=newcomer.grade_level,
        birth_date_encrypted=seal_birth_date(columns, newcomer.birth_date, tenant),
        status=UserStatus.ACTIVE,
    )


async def add_person(
    session: AsyncSession, keys: KeyRing, user: User, password_hash: str, *, now: datetime
) -> bool:
    """Write the user and the sign-in; return whether the address is new.

    For a known address a stand-in is written, so that both take the same time; the caller rolls it back.
    """
    identity = {
        "user_id": user.id,
        "email_index": keys.email_index(user.email),
        "password_hash": password_hash,
    }
    is_new = bool(await session.scalar(queries.CREATE_IDENTITY, identity))
    if not is_new:
        user.email = f"{user.id}@address-taken.invalid"
    session.add(user)
    await session.flush()
    await record_audit(
        session,
        None,
        "registered",
        ("user", user.id),
        now=now,
        school_id=user.school_id,
        subject_id=user.id,
        details={"role": user.role},
    )
    return is_new


def keep_only(is_new: bool) -> None:
    """Raise AddressTakenError at the end of the savepoint of a stand-in."""
    if not is_new:
        raise AddressTakenError
