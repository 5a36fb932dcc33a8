from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from ops.demo.semester import DAY, WEEK, Semester, moment, school_year, semester_before, working_times


def test_the_term_ends_within_two_hours_before_now_and_lasts_its_weeks() -> None:
    now = datetime(2026, 11, 22, 21, 5, tzinfo=timezone(timedelta(hours=2)))
    semester = semester_before(now, 18)
    assert moment(semester.end) == datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    assert semester.end - semester.start == 18 * WEEK


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        semester_before(datetime(2026, 11, 22), 18)  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("weeks", [0, 53])
def test_a_term_longer_than_the_events_are_kept_or_empty_is_refused(weeks: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 52"):
        semester_before(datetime(2026, 11, 22, tzinfo=UTC), weeks)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (datetime(2026, 7, 31, tzinfo=UTC), "2025-2026"),
        (datetime(2026, 8, 1, tzinfo=UTC), "2026-2027"),
        (datetime(2027, 1, 5, tzinfo=UTC), "2026-2027"),
    ],
)
def test_school_years_turn_in_august(end: datetime, expected: str) -> None:
    assert school_year(Semester(end=int(end.timestamp() * 1000), weeks=18)) == expected


@pytest.mark.parametrize("offset_days", range(7))
def test_work_falls_into_its_week_and_mostly_on_weekdays(offset_days: int) -> None:
    start = int(datetime(2026, 9, 7, 17, tzinfo=UTC).timestamp() * 1000) + offset_days * DAY
    times = working_times(start, 4_000, np.random.default_rng(2))
    assert times.min() >= start
    assert times.max() < start + WEEK
    weekend = np.array([moment(int(time)).weekday() >= 5 for time in times])
    assert 0.08 < weekend.mean() < 0.25
