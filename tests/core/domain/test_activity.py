from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.domain.activity import IDLE_AFTER, active_milliseconds

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
moments = st.lists(st.integers(-500, 5_000).map(lambda second: START + timedelta(seconds=second)))


def at(*seconds: float) -> list[datetime]:
    return [START + timedelta(seconds=second) for second in seconds]


def test_short_gaps_add_up_and_a_long_one_adds_nothing() -> None:
    assert active_milliseconds(at(10, 20, 200), since=START) == 20_000
    assert active_milliseconds(at(120), since=START) == 120_000
    assert active_milliseconds(at(120.001), since=START) == 0


def test_without_traces_no_time_was_spent() -> None:
    assert active_milliseconds([], since=START) == 0


@given(moments)
def test_order_repeats_and_what_came_before_change_nothing(found: list[datetime]) -> None:
    expected = active_milliseconds(found, since=START)
    assert active_milliseconds([*reversed(found), *found, *at(-3)], since=START) == expected
    assert expected <= len(found) * IDLE_AFTER.total_seconds() * 1000
