from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.districts.freshness import FULL_REFRESH, DistrictState, reason_to_run, run_key

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
FRESH = DistrictState(
    district_id="d",
    served_run_id="run-1",
    computed_at=NOW - timedelta(minutes=1),
    serves_current_schemas=True,
    has_newer_facts=False,
    is_running=False,
    last_failure_at=None,
    horizon=100,
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"served_run_id": None, "computed_at": None}, "nothing is served yet"),
        ({"serves_current_schemas": False}, "a mart is declared differently now"),
        ({"has_newer_facts": True}, "there are newer events or answers"),
        ({"computed_at": NOW - FULL_REFRESH}, "the last run is a day old"),
        ({"has_newer_facts": True, "is_running": True}, None),
        ({"has_newer_facts": True, "last_failure_at": NOW - timedelta(seconds=59)}, None),
        (
            {"has_newer_facts": True, "last_failure_at": NOW - timedelta(seconds=60)},
            "there are newer events or answers",
        ),
    ],
)
def test_a_district_runs_when_it_has_a_reason_and_is_not_busy(
    change: dict[str, Any], reason: str | None
) -> None:
    assert reason_to_run(replace(FRESH, **change), now=NOW) == reason


def test_one_state_is_one_run_and_a_newer_horizon_is_another() -> None:
    assert run_key(FRESH) == run_key(replace(FRESH, has_newer_facts=True))
    assert run_key(FRESH) != run_key(replace(FRESH, horizon=101))
    assert run_key(FRESH) != run_key(replace(FRESH, served_run_id="run-2"))
