"""What Redis remembers about sessions, for every program: who was alive lately, and who was ended.

A hint, never the truth: that is `auth.sessions`. An ended session is also announced, so that its sockets hang up.
"""

import json
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.config import Settings
from core.redis_clients import impatient_client
from core.tenancy import TenantId

logger = structlog.get_logger(__name__)
T = TypeVar("T")

ENDED_CHANNEL = "homeroom-ended-sessions"
"""Carries `{"sessions": [ids]}`; only the programs with sockets listen."""

TRUSTED_FOR = timedelta(seconds=60)
"""How long nobody asks PostgreSQL again about a session that lived."""

ENDED_FOR = timedelta(hours=2)
"""Longer than any access token lives, so that none of an ended session ever costs a statement."""

AWAY_SECONDS = 5.0
"""After Redis failed, how long we do not even ask."""

_ENDED = b"ended"


class MarksAwayError(Exception):
    """Redis is away, slow, or not configured."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What Redis knows of a session: ended, or alive until a moment; nothing when both are unset."""

    is_ended: bool = False
    alive_until: datetime | None = None

    @classmethod
    def read(cls, stored: bytes | None) -> Self:
        if stored is None:
            return cls()
        if stored == _ENDED:
            return cls(is_ended=True)
        return cls(alive_until=datetime.fromtimestamp(float(stored), tz=UTC))

    def is_alive(self, now: datetime) -> bool:
        """Tell whether nobody need ask; a moment further ahead than we ever promise counts as none."""
        return self.alive_until is not None and now < self.alive_until <= now + TRUSTED_FOR


class SessionMarks:
    """One program's view of the marks. Reading raises MarksAwayError; writing what cannot be written is logged."""

    def __init__(self, redis: Redis | None, sockets: Redis | None) -> None:
        self._redis = redis
        self._sockets = sockets
        self._again_at = 0.0

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        if not settings.redis_url:
            return cls(None, None)
        return cls(impatient_client(settings), impatient_client(settings, settings.sockets_redis_url))

    async def read(self, tenant: TenantId, session_id: UUID) -> Mark:
        """Return what is known, in one round trip. Raises MarksAwayError."""
        stored: Awaitable[Any] = self._reachable().get(_key(tenant, session_id))
        return Mark.read(await self._answered(stored))

    async def remember_alive(self, tenant: TenantId, session_id: UUID, until: datetime) -> None:
        """Mark a session that PostgreSQL says lives; an end that was marked meanwhile stays."""
        try:
            redis = self._reachable()
            seconds = (
                int(TRUSTED_FOR.total_seconds()) - 1
            )  # gone before it runs out: it is written only where none is
            value = f"{until.timestamp()}"
            await self._answered(redis.set(_key(tenant, session_id), value, nx=True, ex=seconds))
        except MarksAwayError:
            return  # asked again with the next request

    async def remember_ended(self, tenant: TenantId, session_ids: Sequence[UUID]) -> None:
        """Mark sessions ended and have their sockets hung up; call after the commit.

        Only the user that speaks to sockets may say the second.
        """
        if not session_ids:
            return
        try:
            redis = self._reachable()
            pipeline = redis.pipeline(transaction=False)
            for session_id in session_ids:
                pipeline.set(_key(tenant, session_id), _ENDED, ex=int(ENDED_FOR.total_seconds()))
            await self._answered(pipeline.execute())
            if self._sockets is not None:
                said = json.dumps({"sessions": [str(each) for each in session_ids]})
                await self._answered(self._sockets.publish(ENDED_CHANNEL, said))
        except MarksAwayError:
            logger.warning("session_end_not_marked", sessions=len(session_ids))

    async def close(self) -> None:
        for redis in (self._redis, self._sockets):
            if redis is not None:
                await redis.aclose()

    def _reachable(self) -> Redis:
        if self._redis is None or time.monotonic() < self._again_at:
            raise MarksAwayError
        return self._redis

    async def _answered(self, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except (RedisError, OSError, TimeoutError) as error:
            self._again_at = time.monotonic() + AWAY_SECONDS
            logger.warning("session_marks_away", error=type(error).__name__)
            raise MarksAwayError from error


def _key(tenant: TenantId, session_id: UUID) -> str:
    return f"d{tenant}:session:{session_id}"
