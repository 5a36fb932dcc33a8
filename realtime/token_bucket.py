"""How fast one socket may talk: a flood hurts the flooding client only."""

from dataclasses import dataclass, field

from core.errors import AppError

BURST = 20
"""Events a quiet socket may send at once: a page that opens watches a few classes and syncs."""
PER_SECOND = 5.0
"""Events a second that a busy socket may keep up; typing, the chattiest, needs one or two."""
PATIENCE = 200
"""Refusals, less what was allowed meanwhile, after which the socket is closed: its client does not listen."""


class TooManyMessagesError(AppError):
    """This connection sends too many messages; slow down."""

    status = 429
    code = "too_many_requests"


@dataclass(slots=True)
class TokenBucket:
    """Starts full with `BURST` and fills by `PER_SECOND`. Times are seconds of a monotonic clock."""

    filled_at: float
    tokens: float = field(default=BURST)
    refusals: int = 0

    def take(self, now: float) -> None:
        """Spend one token. Raises TooManyMessagesError when there is none."""
        self.tokens = min(float(BURST), self.tokens + (now - self.filled_at) * PER_SECOND)
        self.filled_at = now
        if self.tokens < 1.0:
            self.refusals += 1
            raise TooManyMessagesError
        self.tokens -= 1.0
        self.refusals = max(0, self.refusals - 1)

    @property
    def is_flooded(self) -> bool:
        """Tell whether the client went on long after it was told to stop."""
        return self.refusals >= PATIENCE
