from datetime import UTC, datetime, timedelta

import pytest

from core.domain.stuck import reasons_stuck

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "tries", "reasons"),
    [
        (0, [], []),
        (3.9, [True], []),
        (4, [], ["idle"]),
        (0, [False, False], []),
        (0, [False, False, False], ["wrong_in_a_row"]),
        (0, [False, False, False, True], ["wrong_in_a_row"]),
        (0, [True, False, False, False], []),
        (0, [False, None, False, False], []),
        (5, [False, False, False], ["idle", "wrong_in_a_row"]),
    ],
)
def test_whoever_rests_or_keeps_missing_seems_stuck(
    minutes: float, tries: list[bool | None], reasons: list[str]
) -> None:
    active = NOW - timedelta(minutes=minutes)
    assert reasons_stuck(last_active_at=active, newest_first=tries, now=NOW) == reasons
