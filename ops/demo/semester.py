"""The simulated term: its weeks, and when in a week people work."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from ops.demo.identifiers import Milliseconds

HOUR = 3_600_000
DAY = 24 * HOUR
WEEK = 7 * DAY
LONGEST_WEEKS = 52
"""Events older than 400 days would already be outside PostgreSQL's retention."""

_WEEKEND_SHARE = 0.12
_SCHOOL_HOURS_SHARE = 0.7
_SCHOOL_HOURS_UTC = (14.0, 20.0)
_EVENING_HOURS_UTC = (21.0, 26.0)


@dataclass(frozen=True, slots=True)
class Semester:
    """`weeks` school weeks that end at `end`, a Unix millisecond (UTC) shortly before the seeding."""

    end: int
    weeks: int

    @property
    def start(self) -> int:
        return self.end - self.weeks * WEEK

    def week_start(self, week: int) -> int:
        return self.start + week * WEEK


def semester_before(now: datetime, weeks: int) -> Semester:
    """Return the term whose last full hour has just passed; a naive `now` or a bad length raises ValueError."""
    if now.tzinfo is None:
        raise ValueError("now must carry a time zone")
    if not 1 <= weeks <= LONGEST_WEEKS:
        raise ValueError(f"weeks must lie between 1 and {LONGEST_WEEKS}")
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return Semester(end=milliseconds(hour - timedelta(hours=1)), weeks=weeks)


def milliseconds(moment: datetime) -> int:
    """Return the Unix millisecond of a moment."""
    return int(moment.timestamp() * 1000)


def moment(unix_milliseconds: int) -> datetime:
    """Return the UTC moment of a Unix millisecond."""
    return datetime.fromtimestamp(unix_milliseconds / 1000, tz=UTC)


def school_year(semester: Semester) -> str:
    """Return the school year the term ends in, as classes name it ("2026-2027"); years turn in August."""
    end = moment(semester.end)
    first = end.year if end.month >= 8 else end.year - 1
    return f"{first}-{first + 1}"


def working_times(week_start: int, count: int, random: np.random.Generator) -> Milliseconds:
    """Draw when in a week each of `count` pieces of work begins: school hours mostly, some evenings, few weekends."""
    days = np.sort(_seven_days(week_start), kind="stable")
    weekend = random.random(count) < _WEEKEND_SHARE
    day = np.where(weekend, random.choice(days[5:], size=count), random.choice(days[:5], size=count)) % 10
    at_school = (random.random(count) < _SCHOOL_HOURS_SHARE) & ~weekend
    low = np.where(at_school, _SCHOOL_HOURS_UTC[0], _EVENING_HOURS_UTC[0])
    high = np.where(at_school, _SCHOOL_HOURS_UTC[1], _EVENING_HOURS_UTC[1])
    hour = low + (high - low) * random.random(count)
    midnight = week_start - week_start % DAY
    time: Milliseconds = midnight + day * DAY + (hour * HOUR).astype(np.int64)
    # A week that begins at noon ends at noon: what falls before its beginning belongs to its last day.
    since_start: Milliseconds = (time - week_start) % WEEK
    return week_start + since_start


def _seven_days(week_start: int) -> npt.NDArray[np.int64]:
    """Number the week's seven days 0-6, each plus 10 on a Saturday or Sunday so that these sort last."""
    offsets = np.arange(7)
    weekdays = (week_start // DAY + offsets + 3) % 7
    return np.where(weekdays >= 5, offsets + 10, offsets)
