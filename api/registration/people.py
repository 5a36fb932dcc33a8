"""Making a person who can sign in, inside the caller's transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.registration import queries
from core.audit import record_audit
from core.keys import KeyRing
from core.models import User


class AddressTakenError(Exception):
    """Rolls the savepoint of a registration back; whoever registers never learns of it."""


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
