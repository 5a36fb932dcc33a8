"""Identifiers: UUIDv7, so that keys sort by the millisecond they were made in."""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat as uuid_utils

_UNIX_MILLISECONDS_SHIFT = 80


def new_id() -> UUID:
    """Return a fresh UUIDv7 (RFC 9562 §5.7)."""
    return uuid_utils.uuid7()


def time_of_id(identifier: UUID) -> datetime:
    """Return the UTC millisecond inside a UUIDv7.

    Raises ValueError for any other version: its bits hold no time.
    """
    if identifier.version != 7:
        raise ValueError("not a UUIDv7")
    milliseconds = identifier.int >> _UNIX_MILLISECONDS_SHIFT
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
