"""How often one may knock: policies as data, counted by user (by address before sign-in), shared by all replicas.

A sliding window in Redis, one round trip a request. When Redis is slow or away, each replica counts by itself
until it returns; nobody is refused for that. Every counted answer says how one stands
(draft-ietf-httpapi-ratelimit-headers): `RateLimit-Policy: "default";q=100;w=60`, `RateLimit: "default";r=99;t=60`.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import structlog
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from redis.asyncio import ConnectionPool
from starlette.requests import Request

from api.rate_limit_storage import LocalWindows, SharedWindows, SlidingWindow
from core.config import Settings
from core.errors import AppError

logger = structlog.get_logger(__name__)

BREAKER_SECONDS = 5.0
"""After Redis failed, how long we do not even ask."""


class Bucket(StrEnum):
    DEFAULT = "default"
    EVENTS = "events"
    DRAFTS = "drafts"
    AI = "ai"
    EXPORT = "export"
    UPLOAD = "upload"
    PUBLIC = "public"
    SIGN_IN = "sign_in"
    REGISTRATION = "registration"
    MAILBOX = "mailbox"


class CountedBy(StrEnum):
    USER = "user"
    ADDRESS = "address"
    MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is counted, over which window, and the setting that holds the quota."""

    counted_by: CountedBy
    window: type[RateLimitItem]
    setting: str


POLICIES: Mapping[Bucket, Policy] = {
    Bucket.DEFAULT: Policy(CountedBy.USER, RateLimitItemPerMinute, "rate_limit_per_minute"),
    Bucket.EVENTS: Policy(CountedBy.USER, RateLimitItemPerMinute, "event_batches_per_minute"),
    Bucket.DRAFTS: Policy(CountedBy.USER, RateLimitItemPerMinute, "drafts_per_minute"),
    Bucket.AI: Policy(CountedBy.USER, RateLimitItemPerMinute, "ai_requests_per_minute"),
    Bucket.EXPORT: Policy(CountedBy.USER, RateLimitItemPerHour, "exports_per_hour"),
    Bucket.UPLOAD: Policy(CountedBy.USER, RateLimitItemPerMinute, "uploads_per_minute"),
    Bucket.PUBLIC: Policy(CountedBy.ADDRESS, RateLimitItemPerMinute, "public_rate_limit_per_minute"),
    Bucket.SIGN_IN: Policy(CountedBy.ADDRESS, RateLimitItemPerMinute, "sign_ins_per_minute"),
    Bucket.REGISTRATION: Policy(CountedBy.ADDRESS, RateLimitItemPerMinute, "registrations_per_minute"),
    Bucket.MAILBOX: Policy(CountedBy.MAILBOX, RateLimitItemPerHour, "mails_per_mailbox_and_hour"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one stands after a request."""

    bucket: Bucket
    limit: RateLimitItem
    window: SlidingWindow

    @property
    def is_over(self) -> bool:
        return not self.window.is_welcome

    @property
    def left(self) -> int:
        """Requests that still fit; the window before counts by the part of it that the last minute covers."""
        share = self.window.previous_expires_in / self.limit.get_expiry()
        used = math.floor(self.window.previous_count * share) + self.window.current_count
        return 0 if self.is_over else max(0, self.limit.amount - used)

    @property
    def seconds(self) -> int:
        """How long `left` is all there is; after a refusal, when to come back."""
        one_place = self.limit.get_expiry() / self.limit.amount
        exact = self._until_one_falls_out() + one_place if self.is_over else self._left_of_window
        return max(1, math.ceil(exact))

    @property
    def _left_of_window(self) -> float:
        """Seconds; a window is kept for as long again after its end, to be weighed against the next."""
        return self.window.current_expires_in - self.limit.get_expiry()

    def _until_one_falls_out(self) -> float:
        """Seconds until the oldest request counts no more."""
        if not self.window.previous_count:
            return self._left_of_window
        return self.window.previous_expires_in % (self.limit.get_expiry() / self.window.previous_count)

    @property
    def headers(self) -> dict[str, str]:
        name, length = self.bucket.value, self.limit.get_expiry()
        return {
            "RateLimit-Policy": f'"{name}";q={self.limit.amount};w={length}',
            "RateLimit": f'"{name}";r={self.left};t={self.seconds}',
        }


class TooManyRequestsError(AppError):
    """Too many requests; wait a moment and try again."""

    status = 429
    code = "too_many_requests"


class RateLimiter(Protocol):
    async def hit(self, bucket: Bucket, who: str) -> Standing: ...


async def count_request(request: Request, bucket: Bucket, who: str) -> None:
    """Count a request of `who`; `api.middleware` writes the standing into the answer, whatever it becomes.

    Raises TooManyRequestsError with the seconds to wait.
    """
    limiter: RateLimiter = request.app.state.limiter
    standing = await limiter.hit(bucket, who)
    request.state.rate_limit = standing
    if standing.is_over:
        raise refusal(standing)


class SharedRateLimiter:
    """Sliding windows in Redis, with a local copy for when Redis is away."""

    def __init__(self, settings: Settings) -> None:
        self._limits = {
            bucket: policy.window(getattr(settings, policy.setting)) for bucket, policy in POLICIES.items()
        }
        self._local = LocalWindows()
        self._pool = _connection_pool(settings)
        self._shared = None if self._pool is None else SharedWindows(settings.redis_url, self._pool)
        self._shared_again_at = 0.0
        self._is_away = False

    async def hit(self, bucket: Bucket, who: str) -> Standing:
        """Count one request of `who` and return how they stand; one that is over was not counted."""
        limit = self._limits[bucket]
        if self._shared is not None and time.monotonic() >= self._shared_again_at:
            try:
                window = await self._shared.count(limit, bucket, who)
            except Exception as error:  # noqa: BLE001 - any fault of Redis means: count locally
                self._note_absence(error)
            else:
                self._note_return()
                return Standing(bucket, limit, window)
        return Standing(bucket, limit, await self._local.count(limit, bucket, who))

    def _note_absence(self, error: Exception) -> None:
        """Keep away from Redis for a while; an outage is one line in the log, however long it lasts."""
        self._shared_again_at = time.monotonic() + BREAKER_SECONDS
        if not self._is_away:
            logger.warning("rate_limits_local", error=type(error).__name__)
        self._is_away = True

    def _note_return(self) -> None:
        if self._is_away:
            logger.info("rate_limits_shared_again")
        self._is_away = False

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.disconnect()


def refusal(standing: Standing) -> TooManyRequestsError:
    """The error of one who is over a limit, with the seconds to wait."""
    error = TooManyRequestsError()
    error.retry_after = standing.seconds
    return error


def _connection_pool(settings: Settings) -> ConnectionPool | None:
    if not settings.redis_url:
        return None
    seconds = settings.redis_timeout_ms / 1000
    return ConnectionPool.from_url(settings.redis_url, socket_timeout=seconds, socket_connect_timeout=seconds)
