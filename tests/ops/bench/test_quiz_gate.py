"""The scripted replies, all of them: they take a second."""

import tomllib
from collections.abc import Callable

import pytest

from ops.bench.quiz_gate import CHECKS, REPLIES, Verdict, goals, main, measure


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return measure()


def test_the_set_is_as_large_and_as_bad_as_promised(verdicts: list[Verdict]) -> None:
    defective = [verdict for verdict in verdicts if verdict.defect]
    assert len(verdicts) >= 60
    assert len(defective) >= len(verdicts) / 3
    assert {verdict.defect for verdict in defective} == set(CHECKS)


def test_the_goals_are_met(verdicts: list[Verdict]) -> None:
    assert all(goal.is_met for goal in goals(verdicts)), [
        verdict for verdict in verdicts if _is_wrong(verdict)
    ]


@pytest.mark.parametrize("defect", CHECKS)
def test_each_defect_is_caught_by_the_check_that_is_there_for_it(
    verdicts: list[Verdict], defect: str
) -> None:
    caught = [verdict for verdict in verdicts if verdict.defect == defect]
    assert all(CHECKS[defect] in verdict.failed for verdict in caught), caught


def test_the_keys_stand_in_every_place_and_every_reply_has_its_passage() -> None:
    script = tomllib.loads(REPLIES.read_text(encoding="utf-8"))
    keys = [reply["key"] for reply in script["replies"] if "defect" not in reply and "key" in reply]
    assert set(keys) == {0, 1, 2, 3}
    assert all(reply["passage"] in script["passages"] for reply in script["replies"])


@pytest.mark.parametrize(
    ("change", "met"),
    [
        (lambda verdict: verdict, [True, True]),
        (lambda verdict: Verdict(verdict.name, verdict.defect, True, ()), [False, True]),
        (lambda verdict: Verdict(verdict.name, verdict.defect, False, ("form",)), [True, False]),
    ],
    ids=["the gate", "no gate", "a wall"],
)
def test_neither_letting_all_pass_nor_nothing_meets_the_goals(
    verdicts: list[Verdict], change: Callable[[Verdict], Verdict], met: list[bool]
) -> None:
    assert [goal.is_met for goal in goals([change(verdict) for verdict in verdicts])] == met


def test_the_program_says_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    printed = capsys.readouterr().out
    assert "wrong key            7 of 7 caught, 7 by solution" in printed
    assert "MISSED" not in printed


def _is_wrong(verdict: Verdict) -> bool:
    return verdict.is_let_pass == (verdict.defect is not None)
