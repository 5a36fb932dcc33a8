"""A circuit breaker: a provider that keeps failing is left alone for a while, then tried with one call."""

import time
from collections.abc import Callable

from core.ai.errors import AiError, ProviderRefusesError, ProviderUnavailableError

FAILURES = 5
"""In a row, before we stop asking: one call makes up to three attempts, so two calls that fail."""
PAUSE_SECONDS = 30.0
"""At most two tries a minute reach a provider that is down or does not serve us, from each process."""


class Breaker:
    """Closed: calls pass. Open: they do not. After the pause one passes; its outcome decides."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until: float | None = None
        self._refusal: str | None = None
        """Why the provider does not serve us, when that is what opened the circuit."""

    def enter(self) -> None:
        """Let a call pass, or raise what the last one met, without a call.

        Who passes after a pause holds the others off for another one: they do not all try at once.
        """
        if self._open_until is None:
            return
        left = self._open_until - self._clock()
        if left <= 0:
            self._open_until = self._clock() + PAUSE_SECONDS
        elif self._refusal is not None:
            raise ProviderRefusesError(self._refusal)
        else:
            raise ProviderUnavailableError("circuit_open", retry_after=left)

    def note_success(self) -> None:
        self._failures, self._open_until, self._refusal = 0, None, None

    def note_failure(self, error: AiError) -> None:
        """Count a failure; a provider that refuses us is left alone at once."""
        self._failures += 1
        self._refusal = error.reason if isinstance(error, ProviderRefusesError) else None
        if self._refusal is not None or self._failures >= FAILURES:
            self._open_until = self._clock() + PAUSE_SECONDS
