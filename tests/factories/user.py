from functools import cache
from typing import Any

from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.keys import KeyRing
from core.models import District, School, User
from core.tenancy import Actor, Role, TenantId
from tests.factories.saving import canary, saved

_IDENTITY = text(
    "INSERT INTO auth.identities (user_id, district_id, email_index, password_hash)"
    " VALUES (:user_id, :district_id, :email_index, :password_hash) ON CONFLICT (user_id) DO UPDATE"
    " SET email_index = excluded.email_index, password_hash = excluded.password_hash"
)
PASSWORD = "correct horse battery staple"


@cache
def password_hash() -> str:
    """One hash for everybody: argon2 is slow on purpose."""
    return Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def make_user(session: Session, owner: School | District, role: Role) -> User:
    """A user of a school, or (an admin only) of the whole district."""
    user_id = new_id()
    school_id = owner.id if isinstance(owner, School) else None
    mark = canary(owner.district_id, school_id)
    user = User(
        district_id=owner.district_id,
        school_id=school_id,
        id=user_id,
        role=role,
        name=f"{role.value.title()} {user_id.hex[-4:]} {mark}",
        email=f"{user_id.hex}.{mark}@example.org".lower(),
        grade_level=5 if role is Role.STUDENT else None,
    )
    saved(session, user)
    _let_in(session, user)
    return user


def _let_in(session: Session, user: User) -> None:
    """A sign-in nobody knows the password of, and the session `actor_of` speaks in."""
    session.execute(_IDENTITY, _identity(user, user.id.bytes, "!"))
    session.execute(
        text(
            "INSERT INTO auth.sessions (id, user_id, district_id, current_hash, rotated_at, expires_at)"
            " VALUES (:id, :id, :district_id, :hash, now(), now() + interval '100 days')"
        ),
        {"id": user.id, "district_id": user.district_id, "hash": user.id.bytes},
    )


def _identity(user: User, email_index: bytes, hashed: str) -> dict[str, Any]:
    return {
        "user_id": user.id,
        "district_id": user.district_id,
        "email_index": email_index,
        "password_hash": hashed,
    }


def make_student(session: Session, school: School) -> User:
    return make_user(session, school, Role.STUDENT)


def make_teacher(session: Session, school: School) -> User:
    return make_user(session, school, Role.TEACHER)


def make_admin(session: Session, owner: School | District) -> User:
    return make_user(session, owner, Role.ADMIN)


def make_identity(session: Session, user: User, keys: KeyRing) -> str:
    """Let the user sign in with PASSWORD; returns the address."""
    session.execute(_IDENTITY, _identity(user, keys.email_index(user.email), password_hash()))
    return user.email


def actor_of(user: User) -> Actor:
    """The signed-in user, as a verified token would make it; their session has their own id."""
    tenant = TenantId.from_auth_function(user.district_id)
    return Actor(user.id, Role(user.role), tenant, school_id=user.school_id, session_id=user.id)
