"""What an answer earns when its key was wrong."""

from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class RegradePolicy(StrEnum):
    FULL_CREDIT = "full_credit"
    """Everybody gets all points."""
    CURRENT_AND_PREVIOUS = "current_and_previous"
    """Whoever was right under the old key or is under the new one."""
    CURRENT_ONLY = "current_only"
    """Only the new key counts: points can be lost."""


def regraded_score(
    policy: RegradePolicy, *, previously_correct: bool, now_correct: bool, possible: Decimal
) -> Decimal:
    """Return the points of an answer under a new key: right before, wrong now, worth 5: 5, 5 or 0."""
    if policy is RegradePolicy.FULL_CREDIT:
        return possible
    is_right = now_correct or (policy is RegradePolicy.CURRENT_AND_PREVIOUS and previously_correct)
    return possible if is_right else ZERO
