from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.late_work import (
    LateInterval,
    LateMode,
    LatePolicy,
    late_deduction,
    late_intervals,
    missing_score,
    seconds_late,
)

DUE = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEN_A_DAY = LatePolicy(Decimal(10))
DAY = 86_400
points = st.decimals(min_value=0, max_value=1000, places=2)


@pytest.mark.parametrize(("delay", "late"), [(-5, 0), (0, 0), (60, 0), (61, 61), (60.2, 61), (3600, 3600)])
def test_up_to_a_minute_is_not_late_and_past_it_the_whole_delay_counts(delay: float, late: int) -> None:
    assert seconds_late(DUE + timedelta(seconds=delay), DUE) == late


def test_without_a_due_date_nothing_is_late() -> None:
    assert seconds_late(DUE, None) == 0


@pytest.mark.parametrize(
    ("policy", "late_by", "intervals"),
    [
        (TEN_A_DAY, 0, 0),
        (TEN_A_DAY, 1, 1),
        (TEN_A_DAY, DAY, 1),
        (TEN_A_DAY, DAY + 1, 2),
        (LatePolicy(Decimal(1), interval=LateInterval.HOUR), 21_600, 6),
        (LatePolicy(Decimal(10), LateMode.FLAT), 30 * DAY, 1),
        (LatePolicy(Decimal(10), LateMode.FLAT), 0, 0),
    ],
    ids=["in_time", "second", "day", "day_and_a_second", "six_hours", "flat", "flat_in_time"],
)
def test_each_interval_begun_counts(policy: LatePolicy, late_by: int, intervals: int) -> None:
    assert late_intervals(late_by, policy) == intervals


def test_without_a_policy_a_score_or_points_or_when_excused_nothing_is_lost() -> None:
    ten = Decimal(10)
    assert late_deduction(ten, ten, DAY, None) == 0
    assert late_deduction(None, ten, DAY, TEN_A_DAY) == 0
    assert late_deduction(Decimal(8), Decimal(0), DAY, TEN_A_DAY) == 0
    assert late_deduction(ten, ten, DAY, TEN_A_DAY, is_excused=True) == 0


def test_a_deduction_is_never_rounded() -> None:
    policy = LatePolicy(Decimal("3.33"))
    assert late_deduction(Decimal("10.5"), Decimal("10.5"), 1, policy) == Decimal("0.34965")


@given(points, points, st.integers(0, 100 * DAY), st.decimals(0, 100, places=1))
def test_a_penalty_never_takes_below_the_floor_nor_gives_points(
    score: Decimal, possible: Decimal, late_by: int, floor: Decimal
) -> None:
    policy = LatePolicy(Decimal(10), minimum_percent=floor)
    lost = late_deduction(score, possible, late_by, policy)
    assert lost >= 0
    assert score - lost >= min(score, possible * floor / 100)


@given(points, points, st.integers(0, 50 * DAY), st.integers(0, 50 * DAY))
def test_later_is_never_cheaper(score: Decimal, possible: Decimal, one: int, other: int) -> None:
    early, late = sorted((one, other))
    assert late_deduction(score, possible, early, TEN_A_DAY) <= late_deduction(
        score, possible, late, TEN_A_DAY
    )


def test_missing_work_keeps_what_the_policy_leaves_and_pass_or_fail_is_fail() -> None:
    assert missing_score(Decimal(100), Decimal(60)) == 40
    assert missing_score(Decimal(100), Decimal(60), is_pass_fail=True) == 0
