"""Whether a district's marts need a run: a pure decision over a few facts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSE_AFTER_FAILURE = timedelta(minutes=1)
"""A district that cannot be computed must not take the machine from the others."""
FULL_REFRESH = timedelta(hours=24)
"""Some changes come without an event, such as a student leaving a class."""


@dataclass(frozen=True, slots=True)
class DistrictState:
    """What is known of one district at one tick. `horizon` moves with every write transaction of the database."""

    district_id: str
    served_run_id: str | None
    computed_at: datetime | None
    serves_current_schemas: bool
    has_newer_facts: bool
    is_running: bool
    last_failure_at: datetime | None
    horizon: int


def reason_to_run(state: DistrictState, *, now: datetime) -> str | None:
    """Return why the district should run now, in words for the run's page, or None."""
    is_paused = state.last_failure_at is not None and now - state.last_failure_at < PAUSE_AFTER_FAILURE
    if state.is_running or is_paused:
        return None
    reasons = {
        "nothing is served yet": state.computed_at is None,
        "a mart is declared differently now": not state.serves_current_schemas,
        "there are newer events or answers": state.has_newer_facts,
        "the last run is a day old": now - (state.computed_at or now) >= FULL_REFRESH,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def run_key(state: DistrictState) -> str:
    """Name the run by what it starts from: asking twice for one state starts one run."""
    return f"{state.district_id}:{state.served_run_id}:{state.horizon}"
