"""Passwords: argon2id off the event loop, with as many at once as there are cores.

The library's defaults (64 MiB) allow 4.6 sign-ins a second on two cores; a school rings its bell once and
2,000 people sign in, so we take OWASP's second profile: 19 MiB, two passes (34 a second).
"""

import asyncio
import os
import re
from functools import cache

from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn

from core.errors import InvalidInputError

MINIMUM_LENGTH = 8
ZXCVBN_LIMIT = 72
"""zxcvbn raises beyond this length: the first 72 characters are scored, the whole password is hashed."""
WEAKEST_ACCEPTED_SCORE = 2

_hasher = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class WeakPasswordError(InvalidInputError):
    """This password is too easy to guess; make it longer or less common."""

    code = "weak_password"


@cache
def _slots() -> asyncio.Semaphore:
    return asyncio.Semaphore(os.cpu_count() or 1)


@cache
def _hash_of_nothing() -> str:
    return _hasher.hash(os.urandom(16).hex())


def require_strength(password: str, personal: list[str]) -> None:
    """Raise WeakPasswordError when a guesser who knows the person's name and address would be quick."""
    known = [
        word
        for line in personal
        for word in [line, line.partition("@")[0], *re.split(r"[\W_]+", line)]
        if word
    ]
    score = zxcvbn(password[:ZXCVBN_LIMIT], user_inputs=known)["score"]
    if len(password) < MINIMUM_LENGTH or score < WEAKEST_ACCEPTED_SCORE:
        raise WeakPasswordError(field="password")


async def hash_password(password: str) -> str:
    """Return the PHC string of `password` (argon2id)."""
    async with _slots():
        return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(password: str, stored: str | None) -> bool:
    """Compare in the same time whether or not there is a stored hash."""
    async with _slots():
        matches = await asyncio.to_thread(_hasher.verify, password, stored or _hash_of_nothing())
    return matches and stored is not None
