"""The arithmetic of being late, step by step."""

from decimal import Decimal

from api.explanations.schemas import LateArithmetic
from core.domain.late_work import LatePolicy, late_deduction, late_intervals

ZERO = Decimal(0)
FULL = Decimal(100)


def late_arithmetic(
    score: Decimal, possible: Decimal, seconds: int, policy: LatePolicy | None, *, is_excused: bool
) -> LateArithmetic:
    """Return how much a score loses: 800 of 1000, two days late, 10 % a day: 2 intervals, 200 off."""
    if policy is None:
        return LateArithmetic(
            seconds_late=seconds,
            mode=None,
            interval=None,
            intervals=0,
            percent=None,
            minimum_percent=None,
            by_delay=ZERO,
            above_floor=None,
            deduction=ZERO,
        )
    intervals = late_intervals(seconds, policy)
    return LateArithmetic(
        seconds_late=seconds,
        mode=policy.mode,
        interval=policy.interval,
        intervals=intervals,
        percent=policy.percent,
        minimum_percent=policy.minimum_percent,
        by_delay=possible * policy.percent * intervals / FULL,
        above_floor=max(score - possible * (policy.minimum_percent or ZERO) / FULL, ZERO),
        deduction=late_deduction(score, possible, seconds, policy, is_excused=is_excused),
    )
