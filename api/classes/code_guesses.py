"""Guessed class codes: a student who entered ten wrong ones waits for an hour.

Counted before a code is looked up, so that of a hundred guesses sent at once ten are looked at; right codes are
not counted. In Redis for all replicas, in the process itself while Redis is away.
"""

import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

import structlog
from fastapi import Depends, Request

from api.auth.guess_counts import Counts, Ladder, LocalCounts, SharedCounts
from api.classes.errors import InvalidClassCodeError
from api.rate_limits import BREAKER_SECONDS, TooManyRequestsError
from core.config import Settings
from core.redis_clients import impatient_client
from core.tenancy import Actor

logger = structlog.get_logger(__name__)
T = TypeVar("T")

HOUR = timedelta(hours=1)


class TooManyCodesError(TooManyRequestsError):
    """Too many wrong class codes; ask your teacher for the right one and try again later."""


class CodeGuesses:
    """Stands before every look at a class code; one per process, shared through Redis."""

    def __init__(self, settings: Settings) -> None:
        self._ladder = Ladder(settings.class_code_guesses_per_hour, first=HOUR, longest=HOUR, memory=HOUR)
        self._redis = impatient_client(settings) if settings.redis_url else None
        self._shared: Counts | None = None if self._redis is None else SharedCounts(self._redis)
        self._local: Counts = LocalCounts()
        self._shared_again_at = 0.0

    @asynccontextmanager
    async def attempt(self, actor: Actor, now: datetime) -> AsyncIterator[None]:
        """Let one try through; it stays counted when it ends with InvalidClassCodeError.

        Raises TooManyCodesError with the seconds to wait; the code must not be looked at then.
        """
        name = f"homeroom:class_codes:{actor.district_id}:{actor.user_id}"
        pause = await self._count(lambda counts: counts.admit([name], self._ladder, now))
        if pause > timedelta(0):
            error = TooManyCodesError()
            error.retry_after = max(1, math.ceil(pause.total_seconds()))
            raise error
        try:
            yield
        except InvalidClassCodeError:
            raise
        except BaseException:
            await self._count(lambda counts: counts.take_back(name))
            raise
        await self._count(lambda counts: counts.take_back(name))

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()

    async def _count(self, step: Callable[[Counts], Awaitable[T]]) -> T:
        if self._shared is not None and time.monotonic() >= self._shared_again_at:
            try:
                return await step(self._shared)
            except Exception as error:  # noqa: BLE001 - any fault of Redis means: count here
                self._shared_again_at = time.monotonic() + BREAKER_SECONDS
                logger.warning("class_codes_counted_locally", error=type(error).__name__)
        return await step(self._local)


async def get_code_guesses(request: Request) -> CodeGuesses:
    guesses: CodeGuesses = request.app.state.code_guesses
    return guesses


Guesses = Annotated[CodeGuesses, Depends(get_code_guesses)]
