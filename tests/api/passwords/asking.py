"""A student who registers, as tests of mailed links need one."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.api.envelopes import data_of
from tests.factories.world import SchoolBench
from tests.fixtures.mail import Post
from tests.fixtures.web import Api

PASSWORD = "plum-harbor-lantern-42"
NEW_PASSWORD = "velvet-otter-compass-58"


async def register(api: Api, post: Post, school: SchoolBench, email: str | None = None) -> str:
    """Register a student over 13 and deliver the mail; return the address."""
    email = email or f"{new_id().hex}@school.example"
    body = {
        "name": "Ana Quillfeather",
        "email": email,
        "password": PASSWORD,
        "grade_level": 9,
        "birth_date": "2010-05-01",
        "class_code": school.school_class.code,
    }
    data_of(await api.anonymous.post("/api/v1/auth/register/student", json=body), 202)
    await post.deliver()
    return email


def is_verified(rows: Session, email: str) -> bool:
    statement = text(
        "SELECT i.email_verified_at IS NOT NULL FROM auth.identities i JOIN app.users u ON u.id = i.user_id"
        " WHERE u.email = :email"
    )
    return bool(rows.execute(statement, {"email": email}).scalar_one())
