"""Where wrong passwords are counted: in Redis for all replicas, in the process itself while Redis is away."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from redis.asyncio import Redis


@dataclass(frozen=True, slots=True)
class Ladder:
    """How long to wait after a number of failures: nothing while they are few, then twice as long each time."""

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta
    """After so long without a failure it begins anew."""

    def wait_after(self, failures: int) -> timedelta:
        """Return the pause after the `failures`-th; (5, 30 s, 15 min): 30 s after the 5th, 60 s after the 6th."""
        beyond = failures - self.free
        if beyond < 0:
            return timedelta(0)
        factor: int = 2 ** min(beyond, 30)
        return min(self.first * factor, self.longest)


class Counts(Protocol):
    """One round trip each. Names say whose failures they are."""

    async def admit(self, names: Sequence[str], ladder: Ladder, now: datetime) -> timedelta:
        """Return how long to wait. When that is nothing, a failure of the first name is counted in advance.

        In advance, because of a thousand guesses sent at once only a few may pass before the first was wrong.
        """

    async def add(self, name: str, ladder: Ladder, now: datetime) -> None:
        """Count a failure."""

    async def take_back(self, name: str) -> None:
        """Uncount a try that was neither right nor wrong: nobody looked at its password."""

    async def forgive(self, names: Sequence[str], most: int) -> None:
        """Forget the failures of the first name, and as many (up to `most`) of the second."""


_ADD = """
local function add(key, now, free, first, longest, memory)
  local beyond = redis.call('HINCRBY', key, 'failures', 1) - free
  if beyond >= 0 then  -- nothing is set before: a replica whose clock is ahead must not make others wait
    local pause = math.min(first * 2 ^ math.min(beyond, 30), longest)
    redis.call('HSET', key, 'until', string.format('%.0f', now + pause))
  end
  redis.call('PEXPIRE', key, memory)
end
local now = tonumber(ARGV[1])
local ladder = {tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])}
"""
_ADMIT = f"""{_ADD}
local pause = 0
for _, key in ipairs(KEYS) do
  pause = math.max(pause, tonumber(redis.call('HGET', key, 'until') or '0') - now)
end
if pause <= 0 then add(KEYS[1], now, unpack(ladder)) end
return pause
"""
_ADD_ONE = f"{_ADD} add(KEYS[1], now, unpack(ladder))"
_TAKE_BACK = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HDEL', KEYS[1], 'until')
  if redis.call('HINCRBY', KEYS[1], 'failures', -1) <= 0 then redis.call('DEL', KEYS[1]) end
end
"""
_FORGIVE = """
local failures = tonumber(redis.call('HGET', KEYS[1], 'failures') or '0') - 1
redis.call('DEL', KEYS[1])
if failures > 0 and KEYS[2] and redis.call('EXISTS', KEYS[2]) == 1 then
  local left = redis.call('HINCRBY', KEYS[2], 'failures', -math.min(failures, tonumber(ARGV[1])))
  if left <= 0 then redis.call('DEL', KEYS[2]) end
end
"""
"""One of the counted failures was the sign-in that succeeded: it was counted in advance."""


def _arguments(ladder: Ladder, now: datetime) -> list[int]:
    pauses = (ladder.first, ladder.longest, ladder.memory)
    return [int(now.timestamp() * 1000), ladder.free, *(int(one.total_seconds() * 1000) for one in pauses)]


class SharedCounts:
    """In Redis; raises its errors."""

    def __init__(self, redis: Redis) -> None:
        self._admit: Any = redis.register_script(_ADMIT)
        self._add: Any = redis.register_script(_ADD_ONE)
        self._take_back: Any = redis.register_script(_TAKE_BACK)
        self._forgive: Any = redis.register_script(_FORGIVE)

    async def admit(self, names: Sequence[str], ladder: Ladder, now: datetime) -> timedelta:
        milliseconds = await self._admit(names, _arguments(ladder, now))
        return timedelta(milliseconds=max(0, milliseconds))

    async def add(self, name: str, ladder: Ladder, now: datetime) -> None:
        await self._add([name], _arguments(ladder, now))

    async def take_back(self, name: str) -> None:
        await self._take_back([name])

    async def forgive(self, names: Sequence[str], most: int) -> None:
        await self._forgive(names, [most])


_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Count:
    failures: int
    until: datetime
    forgotten_at: datetime


class LocalCounts:
    """In this process alone, bounded: what was touched longest ago is forgotten first."""

    MOST = 100_000

    def __init__(self) -> None:
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    async def admit(self, names: Sequence[str], ladder: Ladder, now: datetime) -> timedelta:
        counts = [self._living(name, now) for name in names]
        pause = max((count.until - now for count in counts if count is not None), default=timedelta(0))
        if pause > timedelta(0):
            return pause
        await self.add(names[0], ladder, now)
        return timedelta(0)

    async def add(self, name: str, ladder: Ladder, now: datetime) -> None:
        before = self._living(name, now)
        failures = 1 if before is None else before.failures + 1
        wait = ladder.wait_after(failures)
        self._counts[name] = _Count(failures, now + wait if wait else _NEVER, now + ladder.memory)
        self._counts.move_to_end(name)
        if len(self._counts) > self.MOST:
            self._counts.popitem(last=False)

    async def take_back(self, name: str) -> None:
        count = self._counts.get(name)
        if count is not None:
            count.failures, count.until = count.failures - 1, _NEVER

    async def forgive(self, names: Sequence[str], most: int) -> None:
        forgiven = self._counts.pop(names[0], None)
        other = self._counts.get(names[1]) if len(names) > 1 else None
        if forgiven is None or other is None:
            return
        other.failures -= min(forgiven.failures - 1, most)
        if other.failures <= 0:
            del self._counts[names[1]]

    def _living(self, name: str, now: datetime) -> _Count | None:
        count = self._counts.get(name)
        return None if count is None or count.forgotten_at <= now else count
