"""Passwords: argon2id off the event loop, with as many at once as there are cores.

The library's defaults (64 MiB) allow 4.6 sign-ins a second on two cores; a school rings its bell once and
2,000 people sign in, so we take OWASP's second profile: 19 MiB, two passes (34 a second).

Length, Unicode and the list of refused passwords follow NIST SP 800-63B-4 §3.1.1; for students' shorter ones see
docs/decisions/0017.
"""

import asyncio
import os
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from core.errors import InvalidInputError
from core.tenancy import Role

MINIMUM_LENGTHS = {Role.STUDENT: 8, Role.TEACHER: 15, Role.ADMIN: 15}
"""Characters. Staff see others' records with a password as their only factor, so NIST's 15."""
LONGEST = 256
"""Characters of a password; NIST asks to accept at least 64."""
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


def normalised(password: str) -> str:
    """Return one spelling (NFKC) of what different keyboards type for the same characters."""
    return unicodedata.normalize("NFKC", password)


def require_strength(
    password: str, personal: list[str], role: Role = Role.ADMIN, blocklist: Path | None = None
) -> None:
    """Raise WeakPasswordError for one that is too short, common, or quickly guessed by who knows the person.

    `personal` are their name and address, `blocklist` a file of further refused passwords. May take 0.2 s.
    """
    password = normalised(password)
    shortest = MINIMUM_LENGTHS[role]
    if len(password) < shortest:
        raise WeakPasswordError(
            f"This password is too short; it needs {shortest} characters.", field="password"
        )
    if _folded(password) in _common() or _folded(password) in _blocked(blocklist):
        raise WeakPasswordError(field="password")
    if zxcvbn(password[:ZXCVBN_LIMIT], user_inputs=_known_words(personal))["score"] < WEAKEST_ACCEPTED_SCORE:
        raise WeakPasswordError(field="password")


async def check_strength(password: str, personal: list[str], role: Role, blocklist: Path | None) -> None:
    """Do what `require_strength` does, off the event loop."""
    async with _slots():
        await asyncio.to_thread(require_strength, password, personal, role, blocklist)


async def hash_password(password: str) -> str:
    """Return the PHC string of `password` (argon2id)."""
    async with _slots():
        return await asyncio.to_thread(_hasher.hash, normalised(password))


async def verify_password(password: str, stored: str | None) -> bool:
    """Compare in the same time whether or not there is a stored hash, or one that no password has."""
    usable = stored if stored is not None and _hasher.identify(stored) else None
    async with _slots():
        matches = await asyncio.to_thread(_hasher.verify, normalised(password), usable or _hash_of_nothing())
    return matches and usable is not None


async def verify_and_update(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Compare, and return a new hash too when the stored one was made with other parameters than today's."""
    if not await verify_password(password, stored) or stored is None:
        return False, None
    return True, await hash_password(password) if needs_rehash(stored) else None


def needs_rehash(stored: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _known_words(personal: list[str]) -> list[str]:
    """Name and address, whole and in parts, and our own name."""
    words = [word for line in personal for word in [line, line.partition("@")[0], *re.split(r"[\W_]+", line)]]
    return ["homeroom", *filter(None, words)]


def _folded(password: str) -> str:
    return normalised(password).casefold()


@cache
def _common() -> frozenset[str]:
    """The 30,000 most used passwords of leaked lists, as zxcvbn ships them; those a student could choose."""
    shortest = min(MINIMUM_LENGTHS.values())
    return frozenset(_folded(word) for word in FREQUENCY_LISTS["passwords"] if len(word) >= shortest)


@lru_cache(maxsize=4)
def _blocked(blocklist: Path | None) -> frozenset[str]:
    if blocklist is None:
        return frozenset()
    lines = blocklist.read_text(encoding="utf-8").splitlines()
    return frozenset(_folded(line.strip()) for line in lines if line.strip())
