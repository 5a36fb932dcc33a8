"""Keyset pages, oldest first unless asked otherwise: no row twice, none skipped while rows change."""

import base64
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import ColumnElement, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from core.errors import InvalidInputError


class InvalidCursorError(InvalidInputError):
    """The cursor is not one we gave out."""

    code = "invalid_cursor"


class PageRequest:
    """`limit` and `cursor` of a list call."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Annotated[str | None, Query(max_length=100)] = None,
    ) -> None:
        self.limit = limit
        self.after = None if cursor is None else decode_cursor(cursor)

    @property
    def after_id(self) -> UUID | None:
        """The cursor of a list that no statement cuts, as an id. Raises InvalidCursorError."""
        if self.after is None:
            return None
        try:
            return UUID(self.after)
        except ValueError as error:
            raise InvalidCursorError(field="cursor") from error


KeyColumn = ColumnElement[Any] | InstrumentedAttribute[Any]

Paging = Annotated[PageRequest, Depends()]


async def fetch_page(
    session: AsyncSession,
    statement: Select[Any],
    key: KeyColumn,
    page: PageRequest,
    *,
    newest_first: bool = False,
) -> tuple[Sequence[Any], str | None]:
    """Return one page of `statement` ordered by the unique `key`, and the cursor of the next.

    The rows are whole result rows when the statement selects several columns, else the single entities.
    """
    if page.after is not None:
        after = _typed(key, page.after)
        statement = statement.where(key < after if newest_first else key > after)
    order = key.desc() if newest_first else key
    statement = statement.add_columns(key.label("page_key")).order_by(order).limit(page.limit + 1)
    rows = (await session.execute(statement)).all()
    next_cursor = encode_cursor(rows[page.limit - 1].page_key) if len(rows) > page.limit else None
    kept = rows[: page.limit]
    return [row[0] if len(row) == 2 else row for row in kept], next_cursor


def encode_cursor(key: object) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> str:
    """Return the key inside a cursor. Raises InvalidCursorError."""
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError as error:
        raise InvalidCursorError(field="cursor") from error


def _typed(key: KeyColumn, after: str) -> object:
    """Read the cursor as the type of its column: an id or a number."""
    try:
        return key.type.python_type(after)
    except ValueError as error:
        raise InvalidCursorError(field="cursor") from error
