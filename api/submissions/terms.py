"""The terms on which one student works on one assignment: own dates, own attempts, and when feedback is released."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import Row

from api.assignments.presentation import own_dates
from api.submissions.errors import NotAvailableYetError, SubmissionClosedError, TimeIsUpError
from core.domain.deadlines import Accommodation as Needs
from core.domain.deadlines import Dates, Extension, attempt_ends_at, effective_dates, is_late
from core.domain.feedback_release import is_key_released, is_released
from core.models import Accommodation, Assignment, AssignmentExtension, FeedbackRelease, SubmissionStatus

ANSWER_GRACE = timedelta(seconds=30)
"""An answer sent in the last second travels through slow networks and retries; longer would be more working time."""


@dataclass(frozen=True)
class Terms:
    """What holds for one student; all times are the server's."""

    dates: Dates
    release: FeedbackRelease

    @classmethod
    def of(
        cls,
        assignment: Assignment,
        extension: AssignmentExtension | None,
        accommodation: Accommodation | None,
    ) -> Self:
        return cls(own_dates(assignment, extension, accommodation), assignment.feedback_release)

    @classmethod
    def of_place(cls, place: Row[Any]) -> Self:
        """Read the columns of `queries.ANSWERING`: the hot path builds no entities."""
        dates = Dates(
            place.available_at,
            place.due_at,
            place.available_until,
            time_limit_minutes=place.time_limit_minutes,
            max_attempts=place.max_attempts,
        )
        needs = Needs(place.time_multiplier, place.due_shift_hours)
        granted = Extension(
            place.granted_due_at, place.granted_until, place.extra_attempts, place.extra_minutes
        )
        return cls(effective_dates(dates, needs, granted), FeedbackRelease(place.feedback_release))

    def ends_at(self, started_at: datetime) -> datetime | None:
        return attempt_ends_at(started_at, self.dates)

    def is_time_up(self, started_at: datetime, now: datetime) -> bool:
        """Tell whether an attempt takes no more answers, the grace for those on their way included."""
        end = self.ends_at(started_at)
        return end is not None and now >= end + ANSWER_GRACE

    def require_open(self, status: SubmissionStatus, started_at: datetime, now: datetime) -> None:
        """Raise SubmissionClosedError, NotAvailableYetError or TimeIsUpError when an attempt takes nothing now."""
        if status is not SubmissionStatus.IN_PROGRESS:
            raise SubmissionClosedError
        if self.dates.available_at is not None and now < self.dates.available_at:
            raise NotAvailableYetError  # its teacher moved the opening after the attempt had begun
        if self.is_time_up(started_at, now):
            raise TimeIsUpError

    def is_late(self, started_at: datetime, moment: datetime) -> bool:
        """Tell whether an attempt handed in at `moment` is late; after its end no time is counted against it."""
        end = self.ends_at(started_at)
        return is_late(moment if end is None else min(moment, end), self.dates)

    def has_attempts_left(self, attempt_number: int, now: datetime) -> bool:
        """Tell whether the student can still use what this attempt teaches: another one is allowed and in time."""
        end = self.dates.available_until
        is_over = end is not None and now >= end + ANSWER_GRACE
        return attempt_number < self.dates.max_attempts and not is_over

    def is_released(self, *, submitted: bool, now: datetime) -> bool:
        """Tell whether the student may see verdicts, score and feedback."""
        return is_released(self.release.value, submitted=submitted, due_at=self.dates.due_at, now=now)

    def is_key_released(self, attempt_number: int, *, submitted: bool, now: datetime) -> bool:
        """Tell whether the student may see key and explanation of what was answered."""
        return is_key_released(
            self.release.value,
            submitted=submitted,
            attempts_left=self.has_attempts_left(attempt_number, now),
            due_at=self.dates.due_at,
            now=now,
        )
