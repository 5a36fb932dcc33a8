"""What a district decides for itself, on the command line."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.ops.commands.conftest import Terminal


def created(terminal: Terminal) -> str:
    return str(terminal("district", "create", "Maple", "--json").data["district_id"])


def test_a_new_district_has_the_installation_s_settings(terminal: Terminal) -> None:
    shown = terminal("district", "settings", created(terminal), "--json").data
    assert (shown["ai"], shown["ai_budget"], shown["ai_budget_is_own"]) == (True, "20", False)
    assert (shown["spent"], shown["set_aside"]) == ("0", "0")


def test_settings_are_changed_one_by_one(terminal: Terminal) -> None:
    district = created(terminal)
    first = terminal("district", "settings", district, "--ai-budget", "12.50", "--json").data
    assert (first["ai"], first["ai_budget"], first["ai_budget_is_own"]) == (True, "12.5", True)
    second = terminal("district", "settings", district, "--no-ai", "--json").data
    assert (second["ai"], second["ai_budget"]) == (False, "12.5")
    assert terminal("district", "settings", district, "--ai", "--json").data["ai"] is True


def test_a_change_is_written_to_the_audit_trail_and_a_look_is_not(terminal: Terminal, rows: Session) -> None:
    district = created(terminal)
    terminal("district", "settings", district)
    terminal("district", "settings", district, "--no-ai", "--ai-budget", "0")
    trail = text(
        "SELECT action, details FROM app.audit_events"
        " WHERE district_id = :district AND object_type = 'district_settings'"
    )
    written = [tuple(row) for row in rows.execute(trail, {"district": district})]
    assert written == [("changed", {"ai_enabled": "False", "ai_monthly_budget_usd": "0"})]


@pytest.mark.parametrize("amount", ["-1", "much", "NaN", "1e9"])
def test_an_amount_nobody_can_spend_is_refused(terminal: Terminal, amount: str) -> None:
    assert terminal("district", "settings", created(terminal), f"--ai-budget={amount}").code == 2


def test_an_unknown_district_is_said_so(terminal: Terminal) -> None:
    assert "no district" in terminal("district", "settings", str(uuid4())).sentence


def test_scores_of_models_count_from_a_confidence_on_until_the_teacher_is_first_again(
    terminal: Terminal,
) -> None:
    district = created(terminal)
    assert terminal("district", "settings", district, "--json").data["ai_release"] == "teacher first"
    changed = terminal("district", "settings", district, "--ai-release", "0.85", "--json").data
    assert changed["ai_release"] == "from 0.85 on"
    kept = terminal("district", "settings", district, "--no-ai", "--json").data
    assert (kept["ai"], kept["ai_release"]) == (False, "from 0.85 on")
    again = terminal("district", "settings", district, "--ai-release", "never", "--json").data
    assert again["ai_release"] == "teacher first"


@pytest.mark.parametrize("confidence", ["1.1", "-0.1", "sure", "NaN"])
def test_a_confidence_outside_of_0_to_1_is_refused(terminal: Terminal, confidence: str) -> None:
    answer = terminal("district", "settings", created(terminal), f"--ai-release={confidence}")
    assert "from 0 to 1" in answer.sentence


def test_thresholds_are_the_documented_ones_until_a_district_sets_its_own(terminal: Terminal) -> None:
    district = created(terminal)
    shown = terminal("district", "settings", district, "--json").data
    names = ("struggling_percent", "struggling_probability", "secure_percent", "small_cell_minimum")
    assert [shown[name] for name in names] == ["60", "0.8", "80", "10"]
    assert shown["own_thresholds"] == ""
    own = ("--struggling-percent", "55", "--small-cell-minimum", "15")
    changed = terminal("district", "settings", district, *own, "--json").data
    assert [changed[name] for name in names] == ["55", "0.8", "80", "15"]
    assert changed["own_thresholds"] == "struggling_percent, small_cell_minimum"


def test_default_puts_a_threshold_back_and_leaves_the_others(terminal: Terminal, rows: Session) -> None:
    district = created(terminal)
    terminal("district", "settings", district, "--struggling-probability", "0.9", "--secure-percent", "85.5")
    back = terminal("district", "settings", district, "--secure-percent", "default", "--json").data
    assert (back["struggling_probability"], back["secure_percent"]) == ("0.9", "80")
    trail = text(
        "SELECT details FROM app.audit_events WHERE district_id = :district ORDER BY occurred_at, id"
    )
    assert [row.details for row in rows.execute(trail, {"district": district})][-2:] == [
        {"struggling_probability": "0.9", "secure_percent": "85.5"},
        {"secure_percent": "default"},
    ]


@pytest.mark.parametrize(
    "option",
    [
        "--struggling-percent=0",
        "--secure-percent=100",
        "--secure-percent=many",
        "--struggling-probability=0.4",
        "--struggling-probability=NaN",
        "--small-cell-minimum=1",
        "--small-cell-minimum=9.5",
    ],
)
def test_a_threshold_outside_its_range_is_refused(terminal: Terminal, option: str) -> None:
    assert terminal("district", "settings", created(terminal), option).code == 2


def test_struggling_must_lie_below_secure(terminal: Terminal) -> None:
    district = created(terminal)
    answer = terminal("district", "settings", district, "--struggling-percent", "85")
    assert "below secure" in answer.sentence
    assert terminal("district", "settings", district, "--json").data["struggling_percent"] == "60"
