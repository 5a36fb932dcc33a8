"""Time spent at work, from its traces."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

IDLE_AFTER = timedelta(seconds=120)
"""Longer than most children read one question; whoever leaves no trace for longer is counted as away."""


def active_milliseconds(
    moments: Iterable[datetime], *, since: datetime, idle_after: timedelta = IDLE_AFTER
) -> int:
    """Return the sum of the gaps between traces, from `since` on; a gap longer than `idle_after` adds nothing.

    Traces at 10, 20 and 200 seconds after `since`: 20,000. What lies before `since` is ignored.
    """
    ordered = [since, *sorted(moment for moment in moments if moment > since)]
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    return sum(round(gap.total_seconds() * 1000) for gap in gaps if gap <= idle_after)
