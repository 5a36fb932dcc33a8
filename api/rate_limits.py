"""How often one may knock: buckets per user (per address before sign-in), shared by all replicas through Redis.

When Redis is slow or away, each replica counts by itself until it returns; nobody is refused for that.
"""

import math
import time
from enum import StrEnum
from typing import Protocol

import structlog
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool

from core.config import Settings
from core.errors import AppError

logger = structlog.get_logger(__name__)

BREAKER_SECONDS = 5.0
"""After Redis failed, how long we do not even ask."""


class Bucket(StrEnum):
    DEFAULT = "default"
    EVENTS = "events"
    PUBLIC = "public"
    SIGN_IN = "sign_in"
    REGISTRATION = "registration"
    AI = "ai"
    EXPORT = "export"


class TooManyRequestsError(AppError):
    """Too many requests; wait a moment and try again."""

    status = 429
    code = "too_many_requests"


class RateLimiter(Protocol):
    async def hit(self, bucket: Bucket, who: str) -> None: ...


class SharedRateLimiter:
    """Sliding windows of a minute in Redis, with a local copy for when Redis is away."""

    def __init__(self, settings: Settings) -> None:
        self._limits: dict[Bucket, RateLimitItem] = {
            Bucket.DEFAULT: RateLimitItemPerMinute(settings.rate_limit_per_minute),
            Bucket.EVENTS: RateLimitItemPerMinute(settings.event_batches_per_minute),
            Bucket.PUBLIC: RateLimitItemPerMinute(settings.public_rate_limit_per_minute),
            Bucket.SIGN_IN: RateLimitItemPerMinute(settings.sign_ins_per_minute),
            Bucket.REGISTRATION: RateLimitItemPerMinute(settings.registrations_per_minute),
            Bucket.AI: RateLimitItemPerMinute(settings.ai_requests_per_minute),
            Bucket.EXPORT: RateLimitItemPerHour(settings.exports_per_hour),
        }
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._pool = _connection_pool(settings)
        self._shared = None if self._pool is None else _shared_strategy(settings.redis_url, self._pool)
        self._shared_again_at = 0.0

    async def hit(self, bucket: Bucket, who: str) -> None:
        """Count one request of `who`. Raises TooManyRequestsError with the seconds to wait."""
        limit = self._limits[bucket]
        if self._shared is not None and time.monotonic() >= self._shared_again_at:
            try:
                await _count(self._shared, limit, (bucket, who))
            except TooManyRequestsError:
                raise
            except Exception as error:  # noqa: BLE001 - any fault of Redis means: count locally
                self._shared_again_at = time.monotonic() + BREAKER_SECONDS
                logger.warning("rate_limits_local", error=type(error).__name__)
            else:
                return
        await _count(self._local, limit, (bucket, who))

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.disconnect()


async def _count(
    strategy: SlidingWindowCounterRateLimiter, limit: RateLimitItem, who: tuple[Bucket, str]
) -> None:
    if await strategy.hit(limit, *who):
        return
    window = await strategy.get_window_stats(limit, *who)
    one_place = limit.get_expiry() / limit.amount  # the window slides: that long until one more fits
    error = TooManyRequestsError()
    error.retry_after = max(1, math.ceil(window.reset_time - time.time() + one_place))
    raise error


def _connection_pool(settings: Settings) -> ConnectionPool | None:
    if not settings.redis_url:
        return None
    seconds = settings.redis_timeout_ms / 1000
    return ConnectionPool.from_url(settings.redis_url, socket_timeout=seconds, socket_connect_timeout=seconds)


def _shared_strategy(redis_url: str, pool: ConnectionPool) -> SlidingWindowCounterRateLimiter:
    storage = RedisStorage(f"async+{redis_url}", implementation="redispy", connection_pool=pool)  # type: ignore[arg-type]  # stubs forget it
    return SlidingWindowCounterRateLimiter(storage)
