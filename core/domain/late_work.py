"""What late work loses, and what work that never came is worth."""

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

ZERO = Decimal(0)
FULL = Decimal(100)
QUIZ_GRACE_SECONDS = 60
"""Handing in takes a moment: within it nothing is late."""


class LateMode(StrEnum):
    PER_INTERVAL = "per_interval"
    """A deduction for each interval begun."""
    FLAT = "flat"
    """One deduction, whatever the delay."""


class LateInterval(StrEnum):
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        return 3_600 if self is LateInterval.HOUR else 86_400


@dataclass(frozen=True, slots=True)
class LatePolicy:
    """`percent` of the points possible, per interval or once; never below `minimum_percent` of them."""

    percent: Decimal
    mode: LateMode = LateMode.PER_INTERVAL
    interval: LateInterval = LateInterval.DAY
    minimum_percent: Decimal | None = None


def seconds_late(handed_in_at: datetime, due_at: datetime | None) -> int:
    """Return how late work is, in whole seconds begun; up to a minute is not late, past it the whole delay counts."""
    if due_at is None:
        return 0
    seconds = math.ceil((handed_in_at - due_at).total_seconds())
    return seconds if seconds > QUIZ_GRACE_SECONDS else 0


def late_intervals(late_by: int | Decimal, policy: LatePolicy) -> int:
    """Return how many deductions a delay of `late_by` seconds makes: 31 hours are two days; a flat one is one."""
    if late_by <= 0:
        return 0
    if policy.mode is LateMode.FLAT:
        return 1
    return math.ceil(Fraction(late_by) / policy.interval.seconds)


def late_deduction(
    score: Decimal | None,
    possible: Decimal,
    late_by: int | Decimal,
    policy: LatePolicy | None,
    *,
    is_excused: bool = False,
) -> Decimal:
    """Return the points lost, exact: `possible · min(percent · n, max(100 · score / possible − floor, 0)) / 100`.

    800 of 1000, two days late, 10 % a day, floor 30 %: 200. Nothing is taken off at or below the floor, without a
    score, where nothing is possible, in time, or when excused.
    """
    if policy is None or score is None or possible == ZERO or is_excused:
        return ZERO
    by_delay = possible * policy.percent * late_intervals(late_by, policy) / FULL
    above_floor = score - possible * (policy.minimum_percent or ZERO) / FULL
    return max(min(by_delay, above_floor), ZERO)


def missing_score(possible: Decimal, missing_deduction: Decimal, *, is_pass_fail: bool = False) -> Decimal:
    """Return what missing work scores: `possible · (1 − missing_deduction / 100)`; pass or fail is fail, 0.

    100 points with a deduction of 60 percent: 40.
    """
    return ZERO if is_pass_fail else possible * (FULL - missing_deduction) / FULL
