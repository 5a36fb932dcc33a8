"""How a factory's row gets into the database, and the text that gives it away in a foreign answer."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

T = TypeVar("T")


def saved(session: Session, row: T) -> T:
    session.add(row)
    session.flush()
    return row


def canary(district_id: UUID, school_id: UUID | None = None) -> str:
    """The text in every string of a district and school: seen elsewhere, it proves a leak."""
    school = "all" if school_id is None else school_id.hex[-10:]
    return f"CANARY-{district_id.hex[-10:]}-{school}"
