"""When verdicts and keys are a student's to see."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.feedback_release import Release, is_key_released, is_released
from core.models import FeedbackRelease

DUE = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEFORE = DUE - timedelta(microseconds=1)
RELEASES = st.sampled_from(get_args(Release))
MOMENTS = st.integers(-60 * 24, 60 * 24).map(lambda minutes: DUE + timedelta(minutes=minutes))


def test_the_rule_knows_every_choice_a_teacher_has() -> None:
    assert set(get_args(Release)) == {release.value for release in FeedbackRelease}


@pytest.mark.parametrize(
    ("release", "submitted", "due_at", "now", "expected"),
    [
        ("instant", False, DUE, BEFORE, True),
        ("after_submit", False, DUE, DUE, False),
        ("after_submit", True, DUE, BEFORE, True),
        ("after_due", True, DUE, BEFORE, False),
        ("after_due", True, DUE, DUE, True),
        ("after_due", False, DUE, DUE, False),
        ("after_due", False, None, DUE, False),
        ("after_due", True, None, DUE, True),
    ],
)
def test_verdicts_are_released(
    *, release: Release, submitted: bool, due_at: datetime | None, now: datetime, expected: bool
) -> None:
    assert is_released(release, submitted=submitted, due_at=due_at, now=now) is expected


@pytest.mark.parametrize(
    ("release", "submitted", "attempts_left", "due_at", "now", "expected"),
    [
        ("instant", False, True, None, DUE, False),
        ("instant", False, False, None, DUE, True),
        ("after_submit", False, False, None, DUE, False),
        ("after_submit", True, True, None, DUE, False),
        ("after_submit", True, False, None, DUE, True),
        ("after_due", True, False, DUE, BEFORE, False),
        ("after_due", True, True, DUE, DUE, True),
        ("after_due", True, True, None, DUE, False),
        ("after_due", True, False, None, DUE, True),
    ],
)
def test_keys_are_released(
    *,
    release: Release,
    submitted: bool,
    attempts_left: bool,
    due_at: datetime | None,
    now: datetime,
    expected: bool,
) -> None:
    released = is_key_released(
        release, submitted=submitted, attempts_left=attempts_left, due_at=due_at, now=now
    )
    assert released is expected


@given(RELEASES, st.booleans(), st.booleans(), st.none() | MOMENTS, MOMENTS)
def test_no_key_comes_before_its_verdict(
    release: Release, submitted: bool, attempts_left: bool, due_at: datetime | None, now: datetime
) -> None:
    moment = {"submitted": submitted, "due_at": due_at, "now": now}
    if is_key_released(release, attempts_left=attempts_left, **moment):
        assert is_released(release, **moment)


@given(RELEASES, st.booleans(), st.none() | MOMENTS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_what_is_released_stays_released_as_time_goes_on(
    release: Release, submitted: bool, due_at: datetime | None, now: datetime, later: timedelta
) -> None:
    if is_released(release, submitted=submitted, due_at=due_at, now=now):
        assert is_released(release, submitted=submitted, due_at=due_at, now=now + later)
