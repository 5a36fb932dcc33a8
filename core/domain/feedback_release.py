"""When a student learns how an answer was, and when the key."""

from datetime import datetime
from typing import Literal

Release = Literal["instant", "after_submit", "after_due"]
"""The values of `core.models.FeedbackRelease`."""


def is_released(release: Release, *, submitted: bool, due_at: datetime | None, now: datetime) -> bool:
    """Tell whether the verdicts, score and feedback of an attempt are its student's to see.

    `instant`: at once. `after_submit`: once this attempt is handed in. `after_due`: once it is handed in and the
    student's own due date has come (UTC, server's clock); without a due date as `after_submit`. Due at 12:00, an
    attempt handed in at 11:00 is released at 12:00:00, one handed in at 13:00 at once.
    """
    if release == "instant":
        return True
    if release == "after_submit" or due_at is None:
        return submitted
    return submitted and now >= due_at


def is_key_released(
    release: Release, *, submitted: bool, attempts_left: bool, due_at: datetime | None, now: datetime
) -> bool:
    """Tell whether the key and the explanation of an answered question may be shown as well.

    Never before the verdict. Then: when no attempt is left to use them in, or when the teacher chose the due date as
    the moment for answers and it has come, for what is handed in from then on is late and seen to be late. Attempt 1
    of 2, `after_submit`, handed in: verdicts, no key. Attempt 2 of 2: both.
    """
    if not is_released(release, submitted=submitted, due_at=due_at, now=now):
        return False
    return not attempts_left or (release == "after_due" and due_at is not None)
