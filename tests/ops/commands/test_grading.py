"""`homeroom grading check`: our rules against a school's old gradebook."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ops.commands.conftest import Terminal

CASES = Path(__file__).parents[2] / "data" / "grading_cases.json"


def _file(terminal: Terminal, cases: Any) -> str:
    path = terminal.folder / "cases.json"
    path.write_text(json.dumps(cases))
    return str(path)


def test_the_worked_cases_agree(bare_terminal: Terminal) -> None:
    assert bare_terminal("grading", "check", str(CASES), "--json").data == {
        "cases": len(json.loads(CASES.read_text())),
        "mismatches": [],
    }


WRONG: dict[str, dict[str, Any]] = {
    "course": {"expected": {"current": "1.00", "final": None}},
    "late": {"expected_score": "7"},
    "scheme": {"expected_letter": "Z"},
    "letter_to_score": {"letter": "Z"},
    "missing": {"expected_score": "40"},
    "regrade": {"expected_points": "1"},
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_mismatch_is_named_and_exits_with_one(bare_terminal: Terminal, kind: str) -> None:
    case = next(case for case in json.loads(CASES.read_text()) if case["kind"] == kind)
    told = bare_terminal("grading", "check", _file(bare_terminal, [case | WRONG[kind]]), "--json")
    assert told.code == 1
    assert {found["case"] for found in json.loads(told.out)["mismatches"]} == {case["id"]}
    table = bare_terminal("grading", "check", _file(bare_terminal, [case | WRONG[kind]]))
    assert table.code == 1
    assert case["id"] in table.out


def test_wrong_sums_are_a_mismatch_even_where_the_percent_agrees(bare_terminal: Terminal) -> None:
    case = json.loads(CASES.read_text())[0]
    case["sums"]["final"][0][2] = [1]
    told = bare_terminal("grading", "check", _file(bare_terminal, [case]), "--json")
    assert [found["what"] for found in json.loads(told.out)["mismatches"]] == ["final sums"]


@pytest.mark.parametrize(
    ("cases", "sentence"),
    [
        ({"id": "A"}, "not a list"),
        ([{"id": "A", "kind": "rumour"}], "case A"),
        ([3], "case 1"),
        ([{"id": "B", "kind": "course", "groups": [{"items": [], "gossip": 1}], "weighted": True}], "gossip"),
        (
            [{"id": "C", "kind": "regrade", "option": "luck", "previously_correct": True, "now_correct": True,
              "possible": 1, "expected_points": "1"}],
            "no regrade option luck",
        ),
        (
            [{"id": "D", "kind": "regrade", "option": "full_credit", "previously_correct": True,
              "now_correct": True, "possible": 1, "expected_points": "many"}],
            "case D: regrade.expected_points",
        ),
    ],
    ids=["object", "kind", "number", "extra", "option", "points"],
)  # fmt: skip
def test_what_is_no_file_of_cases_is_explained(bare_terminal: Terminal, cases: Any, sentence: str) -> None:
    assert sentence in bare_terminal("grading", "check", _file(bare_terminal, cases)).sentence


def test_a_file_that_is_not_json_is_explained(bare_terminal: Terminal) -> None:
    path = bare_terminal.folder / "cases.json"
    path.write_text("{")
    assert "cannot be read" in bare_terminal("grading", "check", str(path)).sentence
