from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.mastery import GradedAnswer
from core.domain.velocity import (
    FALLING,
    RISING,
    STEADY,
    ClassTrend,
    Trend,
    class_trend,
    level_trend,
    secured_concepts,
)

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
WEEKS = [MONDAY + timedelta(weeks=week) for week in (0, 1, 2, 3, 5, 6)]  # no school in the fifth week


def history(*outcomes: float, rate: float = 0.5) -> list[GradedAnswer]:
    return [
        GradedAnswer(outcome, rate, MONDAY + timedelta(minutes=minute))
        for minute, outcome in enumerate(outcomes)
    ]


def test_the_worked_number() -> None:
    trend = level_trend(history(*[0.0] * 20, *[1.0] * 20))
    assert trend is not None
    assert trend.slope == pytest.approx(20 / 25.325)
    assert trend.standard_error == pytest.approx(25.325**-0.5)
    assert (trend.answer_count, trend.direction) == (40, RISING)


def test_under_forty_answers_there_is_no_trend() -> None:
    assert level_trend(history(*[0.0] * 20, *[1.0] * 19)) is None


def test_only_the_last_two_hundred_answers_count() -> None:
    recent = [float(minute % 3 == 0) for minute in range(200)]
    with_past, without = level_trend(history(*[0.0] * 300, *recent)), level_trend(history(*recent))
    assert with_past == without


def test_a_student_on_a_constant_level_is_steady() -> None:
    trend = level_trend(history(*[1.0, 0.0] * 40))
    assert trend is not None
    assert trend.direction == STEADY


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=40, max_size=90), st.floats(0.1, 0.9))
def test_time_backwards_turns_the_trend_around(outcomes: list[float], rate: float) -> None:
    forwards = level_trend(history(*outcomes, rate=rate))
    backwards = level_trend(history(*reversed(outcomes), rate=rate))
    assert forwards is not None
    assert backwards is not None
    assert forwards.slope == pytest.approx(-backwards.slope, abs=1e-9)


@pytest.mark.parametrize(
    ("slope", "direction"), [(0.21, RISING), (0.2, STEADY), (-0.2, STEADY), (-0.21, FALLING)]
)
def test_the_direction_needs_two_standard_errors(slope: float, direction: str) -> None:
    assert Trend(slope, 0.1, 40).direction == direction


def test_concepts_are_counted_in_the_last_four_school_weeks() -> None:
    days = (1, 8, 15, 16, 22, 30, 36, 43, 60)  # day 30 is in the holiday week and counts for the week before
    secured = secured_concepts(
        [MONDAY + timedelta(days=day) for day in days],
        school_weeks=WEEKS,
        as_of=MONDAY + timedelta(days=45),
    )
    assert secured.counts == (2, 2, 1, 1)
    assert secured.per_week == 1.5


def test_before_the_first_week_there_is_no_velocity() -> None:
    secured = secured_concepts(
        [MONDAY - timedelta(days=2)], school_weeks=WEEKS, as_of=MONDAY - timedelta(days=1)
    )
    assert (secured.counts, secured.per_week) == ((), None)


def test_what_was_secure_before_school_began_is_no_velocity() -> None:
    assert secured_concepts([MONDAY - timedelta(days=2)], school_weeks=WEEKS, as_of=MONDAY).counts == (0,)


def test_a_class_has_a_median_and_a_spread() -> None:
    trends = [Trend(slope, 0.1, 40) for slope in (0.5, 0.1, 0.2, 0.3, 0.4)]
    expected = ClassTrend(5, pytest.approx(0.3), pytest.approx(0.2), pytest.approx(0.4))
    assert class_trend(trends) == expected


def test_one_student_has_no_spread_and_none_no_median() -> None:
    assert class_trend([Trend(0.5, 0.1, 40)]) == ClassTrend(1, 0.5, None, None)
    assert class_trend([]) == ClassTrend(0, None, None, None)
