"""Sliding windows in Redis: counting a request and reading how one stands, in one round trip."""

from typing import Any, NamedTuple

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.storage.redis.bridge import RedisBridge
from redis.asyncio import ConnectionPool, Redis

# The library counts with one script and reads with another: two round trips. Both at once, in its own words.
_COUNT_AND_READ = b"""
local function count(KEYS, ARGV) %b end
local function read(KEYS, ARGV) %b end
local is_welcome = count(KEYS, ARGV)
return {is_welcome and 1 or 0, read(KEYS, {ARGV[2]})}
""" % (RedisBridge.SCRIPT_ACQUIRE_SLIDING_WINDOW, RedisBridge.SCRIPT_SLIDING_WINDOW)


class SlidingWindow(NamedTuple):
    """A request after it was counted: the counts of the window before and of this one, seconds until they go."""

    is_welcome: bool
    previous_count: int
    previous_expires_in: float
    current_count: int
    current_expires_in: float


class SharedWindows(RedisStorage):
    """Windows in Redis, under the keys the library itself would use."""

    def __init__(self, redis_url: str, pool: ConnectionPool) -> None:
        super().__init__(f"async+{redis_url}", implementation="redispy", connection_pool=pool)  # type: ignore[arg-type]  # stubs forget it
        self._count_and_read: Any = Redis(connection_pool=pool).register_script(_COUNT_AND_READ)

    async def count(self, limit: RateLimitItem, *who: str) -> SlidingWindow:
        """Count one request of `who` if it fits, and return how they stand."""
        key = limit.key_for(*who)
        keys = [
            self.bridge.prefixed_key(name)
            for name in (self._previous_window_key(key), self._current_window_key(key))
        ]
        is_welcome, counts = await self._count_and_read(keys, [limit.amount, limit.get_expiry(), 1])
        before, before_ends_in, now, now_ends_in = [int(value or 0) for value in counts]
        return SlidingWindow(
            is_welcome == 1, before, max(0, before_ends_in) / 1000, now, max(0, now_ends_in) / 1000
        )


class LocalWindows:
    """Windows in this process alone, for when Redis is away."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()

    async def count(self, limit: RateLimitItem, *who: str) -> SlidingWindow:
        """Count one request of `who` if it fits, and return how they stand."""
        key, seconds = limit.key_for(*who), limit.get_expiry()
        is_welcome = await self._storage.acquire_sliding_window_entry(key, limit.amount, seconds)
        return SlidingWindow(is_welcome, *await self._storage.get_sliding_window(key, seconds))
