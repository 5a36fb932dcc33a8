"""Finding people by how their names and addresses begin."""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.paging import PageRequest, fetch_page
from api.users import queries
from api.users.schemas import UserOut
from core.errors import InvalidInputError, NotFoundError
from core.models import User, UserStatus
from core.tenancy import Actor, Role

MOST_WORDS = 8
"""Each word is a look-up of its own; nobody has more names than this."""

_BETWEEN_WORDS = re.compile(r"[\W_]+")


class TooManyWordsError(InvalidInputError):
    """Search for at most eight words."""

    code = "too_many_words"


@dataclass(frozen=True)
class Wanted:
    """Whom to look for: the words must all match, None leaves a filter out."""

    query: str
    role: Role | None
    status: UserStatus | None


async def find_people(
    session: AsyncSession, actor: Actor, wanted: Wanted, page: PageRequest
) -> tuple[list[UserOut], str | None]:
    """Return a page of the people in the actor's reach whom the words fit, oldest account first."""
    statement = queries.visible_people(actor)
    for word in words_of(wanted.query):
        statement = statement.where(queries.is_called(actor, word, parts_of(word)))
    if wanted.role is not None:
        statement = statement.where(User.role == wanted.role)
    if wanted.status is not None:
        statement = statement.where(User.status == wanted.status)
    rows, cursor = await fetch_page(session, statement, User.id, page)
    return [UserOut.model_validate(row) for row in rows], cursor


async def find_person(session: AsyncSession, actor: Actor, user_id: UUID) -> UserOut:
    """Return the record of somebody in the actor's reach. Raises NotFoundError."""
    user = await session.scalar(queries.visible_person(actor, user_id))
    if user is None:
        raise NotFoundError
    return UserOut.model_validate(user)


def words_of(query: str) -> list[str]:
    """Return what stands between spaces, accents joined to their letters. Raises TooManyWordsError."""
    words = unicodedata.normalize("NFC", query).split()
    if len(words) > MOST_WORDS:
        raise TooManyWordsError(field="query")
    return words


def parts_of(word: str) -> list[str]:
    """Return the words of a name inside it: "Müller-Ünal" is two, an e-mail address several, "%" none."""
    return [part for part in _BETWEEN_WORDS.split(word) if part][:MOST_WORDS]
