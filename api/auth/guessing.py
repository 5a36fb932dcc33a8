"""Guessed passwords: strangers wait longer and longer, owners on their own devices do not.

Failures in a row are counted per account, known or not alike, before the password is looked at: after five the
next try waits 30 s, then 60 s, up to 15 minutes. A stranger so gets twelve guesses in the first hour and four in
each later one. A device that signed in before has a count of its own, which nobody else can fill. Failures that no
success followed are also counted per network address, with room for a school on its first day.
"""

import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from api.auth.devices import known_device
from api.auth.errors import InvalidCredentialsError
from api.auth.guess_counts import Counts, Ladder, LocalCounts, SharedCounts
from api.rate_limits import BREAKER_SECONDS, TooManyRequestsError
from core.config import Settings
from core.keys import KeyRing
from core.redis_clients import impatient_client

logger = structlog.get_logger(__name__)
T = TypeVar("T")

ACCOUNT = Ladder(free=5, first=timedelta(seconds=30), longest=timedelta(minutes=15), memory=timedelta(days=1))
ACCOUNT_WITHOUT_REDIS = Ladder(
    free=3, first=timedelta(seconds=60), longest=timedelta(minutes=15), memory=timedelta(days=1)
)
"""Stricter: every replica counts for itself then, and begins at nothing."""


class TooManyGuessesError(TooManyRequestsError):
    """Too many wrong passwords; wait a moment, or reset your password."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One try to sign in: to which account, from where, on which device of the owner's if any."""

    email_index: bytes
    address: str
    device_id: str | None = None

    @classmethod
    def of(
        cls, keys: KeyRing, email: str, *, address: str, device_token: str | None, now: datetime
    ) -> "Guess":
        """Read a try; a device token that is not of this account counts as none."""
        index = keys.email_index(email)
        return cls(index, address, known_device(keys, index, device_token, now))

    @property
    def names(self) -> list[str]:
        """Whose failures decide: a known device answers for itself alone."""
        if self.device_id is not None:
            return [f"homeroom:guesses:device:{self.email_index.hex()}:{self.device_id}"]
        return [_account(self.email_index), self.address_name]

    @property
    def address_name(self) -> str:
        return f"homeroom:guesses:address:{self.address}"


def _account(email_index: bytes) -> str:
    return f"homeroom:guesses:account:{email_index.hex()}"


def address_ladder(settings: Settings) -> Ladder:
    """Slow an address down by a second, then two, up to half a minute; whoever has a known device is not asked."""
    return Ladder(
        free=settings.failed_sign_ins_per_address,
        first=timedelta(seconds=1),
        longest=timedelta(seconds=30),
        memory=timedelta(hours=1),
    )


class GuessGuard:
    """Stands before every password check; one per process, shared through Redis."""

    def __init__(self, settings: Settings) -> None:
        self._of_addresses = address_ladder(settings)
        self._redis = impatient_client(settings) if settings.redis_url else None
        self._shared: Counts | None = None if self._redis is None else SharedCounts(self._redis)
        self._local: Counts = LocalCounts()
        self._shared_again_at = 0.0

    @asynccontextmanager
    async def attempt(self, guess: Guess, now: datetime) -> AsyncIterator[None]:
        """Let one try through and learn from its end: `async with guard.attempt(guess, now): check…`.

        Raises TooManyGuessesError with the seconds to wait; the password must not be looked at then. Leaving with
        InvalidCredentialsError is a failure, leaving in peace a success, any other error neither.
        """
        pause = await self._admit(guess, now)
        if pause > timedelta(0):
            error = TooManyGuessesError()
            error.retry_after = max(1, math.ceil(pause.total_seconds()))
            raise error
        try:
            yield
        except InvalidCredentialsError:
            await self._count(lambda counts, _: counts.add(guess.address_name, self._of_addresses, now))
            raise
        except Exception:
            await self._count(lambda counts, _: counts.take_back(guess.names[0]))
            raise
        await self._count(lambda counts, _: counts.forgive(_forgiven(guess), ACCOUNT.free))

    async def forget(self, email_index: bytes) -> None:
        """Begin anew for an account whose owner has proved the address: after a password reset."""
        await self._count(lambda counts, _: counts.forgive([_account(email_index)], 0))

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()

    async def _admit(self, guess: Guess, now: datetime) -> timedelta:
        return await self._count(lambda counts, ladder: counts.admit(guess.names, ladder, now))

    async def _count(self, step: Callable[[Counts, Ladder], Awaitable[T]]) -> T:
        if self._shared is not None and time.monotonic() >= self._shared_again_at:
            try:
                return await step(self._shared, ACCOUNT)
            except Exception as error:  # noqa: BLE001 - any fault of Redis means: count here
                self._shared_again_at = time.monotonic() + BREAKER_SECONDS
                logger.warning("guesses_counted_locally", error=type(error).__name__)
        return await step(self._local, ACCOUNT_WITHOUT_REDIS)


def _forgiven(guess: Guess) -> list[str]:
    """Whose failures a success undoes: the account's or the device's, and their share of the address's."""
    return [guess.names[0], guess.address_name]
