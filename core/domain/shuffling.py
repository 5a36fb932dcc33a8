"""The order in which one student meets questions and options.

Each student gets an order of their own, the same one each time they look: nothing is stored, and a retry, another
device or a restart changes nothing. Seeding `random` would tie the order to a version of Python; a digest does not.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


def shuffled(items: Sequence[T], seed: Sequence[UUID], name_of: Callable[[T], str]) -> list[T]:
    """Return `items` in the order of SHA-256(seed, name of the item).

    `seed` says whose order it is and of what (student, assignment); names must differ among the items. The result
    does not depend on the order they came in, so an item that is added or removed leaves the others as they were.
    For a seed of one nil UUID, the options a, b, c, d come out as d, b, a, c.
    """
    start = b"".join(part.bytes for part in seed)
    return sorted(items, key=lambda item: hashlib.sha256(start + name_of(item).encode()).digest())
