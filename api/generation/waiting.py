"""How long to wait for a provider that is away, and when to go on without it."""

from datetime import datetime, timedelta

from core.ai import ProviderUnavailableError
from core.config import Settings

FIRST_WAIT = timedelta(minutes=1)
"""Between tries while the provider is away; as long again as it has been away already."""


def pause_before(
    since: datetime, now: datetime, error: ProviderUnavailableError, settings: Settings
) -> timedelta | None:
    """Return how long to wait before the next try; None when it has been away for too long."""
    if now - since >= timedelta(minutes=settings.ai_wait_minutes):
        return None
    return max(FIRST_WAIT, now - since, timedelta(seconds=error.seconds_to_wait or 0))
