"""A circuit breaker: a provider that keeps failing is left alone for a while, then tried with one call."""

import time
from collections.abc import Callable

from core.ai.errors import ProviderUnavailableError

FAILURES = 5
"""In a row, before we stop asking: one call makes up to three attempts, so two calls that fail."""
PAUSE_SECONDS = 30.0
"""At most two tries a minute reach a provider that is down, from each process."""


class Breaker:
    """Closed: calls pass. Open: they do not. After the pause one passes; its outcome decides."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    def require_closed(self) -> None:
        """Raise ProviderUnavailableError while the provider is left alone."""
        left = self._open_until - self._clock()
        if left > 0:
            raise ProviderUnavailableError("circuit_open", retry_after=left)

    def note_success(self) -> None:
        self._failures = 0

    def note_failure(self, *, for_good: bool = False) -> None:
        """Count a failure; `for_good`: no need to wait for more of them."""
        self._failures += 1
        if for_good or self._failures >= FAILURES:
            self._open_until = self._clock() + PAUSE_SECONDS
