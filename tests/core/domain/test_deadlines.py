"""One student's own dates and limits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.deadlines import (
    Accommodation,
    Dates,
    Extension,
    attempt_ends_at,
    effective_dates,
    is_late,
    is_open,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
CLASS = Dates(NOON - 4 * HOUR, NOON, NOON + HOUR, 25, 2)
UNLIMITED = Dates(None, None, None, None, 1)

MOMENTS = st.none() | st.integers(0, 365 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))
DATES = st.builds(Dates, MOMENTS, MOMENTS, MOMENTS, st.none() | st.integers(1, 1440), st.integers(1, 100))
NEEDS = st.builds(Accommodation, st.decimals(1, 10, places=2), st.integers(0, 8760))
GRANTS = st.builds(Extension, MOMENTS, MOMENTS, st.integers(0, 100), st.integers(0, 1440))


def test_without_exceptions_the_dates_are_the_classes() -> None:
    assert effective_dates(CLASS, None, None) == CLASS


@pytest.mark.parametrize(
    ("minutes", "times", "expected"),
    [(25, "1.25", 32), (20, "1.50", 30), (1, "1.01", 2), (1440, "10", 14400), (None, "2", None)],
)
def test_more_time_is_rounded_up_to_the_minute(minutes: int | None, times: str, expected: int | None) -> None:
    needs = Accommodation(time_multiplier=Decimal(times))
    own = effective_dates(replace(CLASS, time_limit_minutes=minutes), needs, None)
    assert own.time_limit_minutes == expected


def test_granted_minutes_come_after_the_multiplication() -> None:
    own = effective_dates(CLASS, Accommodation(Decimal("1.25")), Extension(extra_minutes=10))
    assert own.time_limit_minutes == 42


def test_granted_minutes_make_no_limit_where_there_is_none() -> None:
    assert effective_dates(UNLIMITED, None, Extension(extra_minutes=10)).time_limit_minutes is None


def test_the_shift_moves_the_due_date_and_the_end_but_not_the_opening() -> None:
    own = effective_dates(CLASS, Accommodation(due_shift_hours=24), None)
    assert (own.available_at, own.due_at, own.available_until) == (
        CLASS.available_at,
        NOON + 24 * HOUR,
        NOON + 25 * HOUR,
    )


def test_an_extension_wins_over_the_shift() -> None:
    granted = Extension(due_at=NOON + 2 * HOUR, available_until=NOON + 3 * HOUR)
    own = effective_dates(CLASS, Accommodation(due_shift_hours=24), granted)
    assert (own.due_at, own.available_until) == (NOON + 2 * HOUR, NOON + 3 * HOUR)


@pytest.mark.parametrize(
    ("due_at", "until", "expected"),
    [
        (NOON + 5 * HOUR, None, NOON + 5 * HOUR),
        (NOON + HOUR / 2, None, NOON + HOUR),
        (NOON + 5 * HOUR, NOON + 2 * HOUR, NOON + 2 * HOUR),
        (None, NOON + 2 * HOUR, NOON + 2 * HOUR),
    ],
    ids=["beyond the end", "before the end", "with an end of its own", "only an end"],
)
def test_a_granted_due_date_takes_the_end_along(
    due_at: datetime | None, until: datetime | None, expected: datetime
) -> None:
    assert effective_dates(CLASS, None, Extension(due_at, until)).available_until == expected


def test_a_granted_due_date_makes_no_end_where_there_is_none() -> None:
    own = effective_dates(UNLIMITED, None, Extension(due_at=NOON))
    assert (own.due_at, own.available_until) == (NOON, None)


def test_extra_attempts_add_up() -> None:
    assert effective_dates(CLASS, None, Extension(extra_attempts=3)).max_attempts == 5


@given(DATES, NEEDS)
def test_what_a_student_needs_never_takes_time_away(dates: Dates, needs: Accommodation) -> None:
    own = effective_dates(dates, needs, None)
    assert own.available_at == dates.available_at
    for mine, everyone in (
        (own.due_at, dates.due_at),
        (own.available_until, dates.available_until),
        (own.time_limit_minutes, dates.time_limit_minutes),
    ):
        assert (mine is None) == (everyone is None)
        assert mine is None or everyone is None or mine >= everyone  # type: ignore[operator]


@given(DATES, NEEDS, GRANTS)
def test_what_is_granted_holds_whatever_else_is_said(
    dates: Dates, needs: Accommodation, granted: Extension
) -> None:
    own = effective_dates(dates, needs, granted)
    assert granted.due_at in (None, own.due_at)
    assert granted.available_until in (None, own.available_until)
    assert own.max_attempts == dates.max_attempts + granted.extra_attempts


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOON - 4 * HOUR - MOMENT, False),
        (NOON - 4 * HOUR, True),
        (NOON + HOUR - MOMENT, True),
        (NOON + HOUR, False),
    ],
    ids=["before it opens", "as it opens", "just before its end", "at its end"],
)
def test_an_assignment_is_open_from_its_opening_until_its_end(moment: datetime, expected: bool) -> None:
    assert is_open(CLASS, moment) is expected


def test_without_dates_it_is_always_open_and_nothing_is_late() -> None:
    assert is_open(UNLIMITED, NOON)
    assert not is_late(NOON, UNLIMITED)
    assert attempt_ends_at(NOON, UNLIMITED) is None


def test_late_begins_after_the_due_date() -> None:
    assert not is_late(NOON, CLASS)
    assert is_late(NOON + MOMENT, CLASS)


@pytest.mark.parametrize(
    ("started", "limit", "until", "expected"),
    [
        (-1.0, 25, 1.0, -35 / 60),
        (0.9, 25, 1.0, 1.0),
        (0.0, None, 1.0, 1.0),
        (0.0, 30, None, 0.5),
    ],
    ids=["its time", "the assignment's end", "no time limit", "no end"],
)
def test_an_attempt_ends_with_its_time_or_with_the_assignment(
    started: float, limit: int | None, until: float | None, expected: float
) -> None:
    end = None if until is None else NOON + until * HOUR
    dates = replace(CLASS, time_limit_minutes=limit, available_until=end)
    assert attempt_ends_at(NOON + started * HOUR, dates) == NOON + timedelta(minutes=round(expected * 60))


@given(DATES, MOMENTS.filter(bool))
def test_no_attempt_outlives_its_limits(dates: Dates, started: datetime) -> None:
    end = attempt_ends_at(started, dates)
    assert (end is None) == (dates.time_limit_minutes is None and dates.available_until is None)
    if end is not None:
        assert dates.available_until is None or end <= dates.available_until
