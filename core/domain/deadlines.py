"""When an assignment opens, is due and closes for one student, and how long and how often the student may work.

The class's dates are moved by what the student needs in the class (an accommodation), and what the student is granted
for this one assignment (an extension) wins over both.
"""

from dataclasses import dataclass, replace
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
    """Return one student's own dates and limits.

    The shift moves the due date and the end; the multiplier lengthens the time limit, rounded up to the minute:
    25 minutes times 1.25 are 32. Then the extension replaces dates and adds attempts and minutes.
    """
    needs, granted = accommodation or Accommodation(), extension or Extension()
    shift = timedelta(hours=needs.due_shift_hours)
    return replace(
        dates,
        due_at=granted.due_at or _moved(dates.due_at, shift),
        available_until=granted.available_until or _moved(dates.available_until, shift),
        time_limit_minutes=_longer(dates.time_limit_minutes, needs, granted),
        max_attempts=dates.max_attempts + granted.extra_attempts,
    )


def _moved(moment: datetime | None, shift: timedelta) -> datetime | None:
    return None if moment is None else moment + shift


def _longer(minutes: int | None, needs: Accommodation, granted: Extension) -> int | None:
    if minutes is None:
        return None
    return int((minutes * needs.time_multiplier).to_integral_value(ROUND_CEILING)) + granted.extra_minutes
