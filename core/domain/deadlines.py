"""When an assignment opens, is due and closes for one student, and how long and how often the student may work.

The class's dates are moved by what the student needs in the class (an accommodation), and what the student is granted
for this one assignment (an extension) wins over both.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal


@dataclass(frozen=True)
class Dates:
    """Times in UTC; None is no limit. `time_limit_minutes` counts from the start of an attempt."""

    available_at: datetime | None
    due_at: datetime | None
    available_until: datetime | None
    time_limit_minutes: int | None
    max_attempts: int


@dataclass(frozen=True)
class Accommodation:
    """What a student needs in a class: more time at each attempt (times), and later due dates (hours)."""

    time_multiplier: Decimal = Decimal(1)
    due_shift_hours: int = 0


@dataclass(frozen=True)
class Extension:
    """What a student is granted for one assignment; a date that is None stays as it is."""

    due_at: datetime | None = None
    available_until: datetime | None = None
    extra_attempts: int = 0
    extra_minutes: int = 0


def effective_dates(dates: Dates, accommodation: Accommodation | None, extension: Extension | None) -> Dates:
    """Return one student's own dates and limits; the opening is the same for all.

    The shift moves due date and end; the multiplier lengthens the time limit, rounded up to the minute: 25 minutes
    times 1.25 are 32. Then the extension replaces dates and adds attempts and minutes. A due date granted beyond the
    end takes the end along, or the grant would be worth nothing.
    """
    needs, granted = accommodation or Accommodation(), extension or Extension()
    shift = timedelta(hours=needs.due_shift_hours)
    end = granted.available_until or _moved(dates.available_until, shift)
    if granted.due_at is not None and end is not None and granted.available_until is None:
        end = max(end, granted.due_at)
    return Dates(
        available_at=dates.available_at,
        due_at=granted.due_at or _moved(dates.due_at, shift),
        available_until=end,
        time_limit_minutes=_lengthened(dates.time_limit_minutes, needs, granted),
        max_attempts=dates.max_attempts + granted.extra_attempts,
    )


def is_open(dates: Dates, moment: datetime) -> bool:
    """Tell whether work may begin at `moment`: from `available_at` on, and before `available_until`.

    Open from 8:00 until 9:00: at 8:00:00 yes, at 9:00:00 no.
    """
    begun = dates.available_at is None or dates.available_at <= moment
    return begun and (dates.available_until is None or moment < dates.available_until)


def is_late(moment: datetime, dates: Dates) -> bool:
    """Tell whether work handed in at `moment` is late: after `due_at`, never without one.

    Due at 23:59:00: handed in at 23:59:00 it is in time, one microsecond later it is late.
    """
    return dates.due_at is not None and moment > dates.due_at


def attempt_ends_at(started_at: datetime, dates: Dates) -> datetime | None:
    """Return when an attempt takes no more answers: its time limit or the assignment's end, whichever is earlier.

    Started 8:50 with 30 minutes and an end at 9:00, it ends at 9:00. None: neither limit is set.
    """
    limit = dates.time_limit_minutes
    times_up = None if limit is None else started_at + timedelta(minutes=limit)
    ends = [end for end in (times_up, dates.available_until) if end is not None]
    return min(ends, default=None)


def _moved(moment: datetime | None, shift: timedelta) -> datetime | None:
    return None if moment is None else moment + shift


def _lengthened(minutes: int | None, needs: Accommodation, granted: Extension) -> int | None:
    if minutes is None:
        return None
    return int((minutes * needs.time_multiplier).to_integral_value(ROUND_CEILING)) + granted.extra_minutes
