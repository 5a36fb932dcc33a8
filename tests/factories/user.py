from functools import cache

from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.keys import KeyRing
from core.models import District, School, User
from core.tenancy import Actor, Role, TenantId
from tests.factories.saving import canary, saved

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
    return saved(session, user)


def make_student(session: Session, school: School) -> User:
    return make_user(session, school, Role.STUDENT)


def make_teacher(session: Session, school: School) -> User:
    return make_user(session, school, Role.TEACHER)


def make_admin(session: Session, owner: School | District) -> User:
    return make_user(session, owner, Role.ADMIN)


def make_identity(session: Session, user: User, keys: KeyRing) -> str:
    """Let the user sign in with PASSWORD; returns the address."""
    session.execute(
        text(
            "INSERT INTO auth.identities (user_id, district_id, email_index, password_hash)"
            " VALUES (:user_id, :district_id, :email_index, :password_hash)"
        ),
        {
            "user_id": user.id,
            "district_id": user.district_id,
            "email_index": keys.email_index(user.email),
            "password_hash": password_hash(),
        },
    )
    return user.email


def actor_of(user: User) -> Actor:
    """The signed-in user, as a verified token would make it."""
    tenant = TenantId.from_auth_function(user.district_id)
    return Actor(user.id, Role(user.role), tenant, school_id=user.school_id, session_id=new_id())
