"""When a student at work seems to need somebody: for the eye of a teacher who is in the room."""

from collections.abc import Sequence
from datetime import datetime, timedelta

IDLE_MINUTES = 4
"""Longer than reading any one question takes; somebody who leaves no trace for so long is thinking hard, or gone."""
WRONG_IN_A_ROW = 3
"""With four options, three misses in a row happen to somebody who knows the matter in one of sixty cases."""

IDLE = "idle"
WRONG = "wrong_in_a_row"


def reasons_stuck(
    *, last_active_at: datetime, newest_first: Sequence[bool | None], now: datetime
) -> list[str]:
    """Return why a student in an open attempt seems stuck; nothing for one who gets on.

    `newest_first`: whether the tries were right, None where nobody knows yet. Active five minutes ago, wrong, wrong,
    wrong: both reasons.
    """
    reasons = []
    if now - last_active_at >= timedelta(minutes=IDLE_MINUTES):
        reasons.append(IDLE)
    if len(newest_first) >= WRONG_IN_A_ROW and all(one is False for one in newest_first[:WRONG_IN_A_ROW]):
        reasons.append(WRONG)
    return reasons
