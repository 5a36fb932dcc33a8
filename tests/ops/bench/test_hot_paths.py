"""The benchmarks themselves, in small: both sides answer, and goals are judged. Never how fast."""

from ops.bench import answer_submit, api_start, event_batches, login_throughput, question_banks
from ops.bench.rounds import Comparison, Load, Spread


def loads(per_second: float, milliseconds: float) -> list[Load]:
    return [Load(per_second, [milliseconds] * 100)] * 3


def test_a_few_answers_go_through_both_servers() -> None:
    comparison = answer_submit.measure(20, warm_up=4, rounds=1)
    assert [len(load.milliseconds) for load in (*comparison.ours, *comparison.reference)] == [20, 20]


def test_a_few_batches_go_through_both_servers() -> None:
    comparison = event_batches.measure(8, warm_up=2, rounds=1)
    assert [len(load.milliseconds) for load in (*comparison.ours, *comparison.reference)] == [8, 8]


def test_a_few_pages_of_a_bank_are_listed_and_searched() -> None:
    comparisons = question_banks.measure(4, questions=40, warm_up=2, rounds=1)
    assert list(comparisons) == list(question_banks.KINDS)
    for comparison in comparisons.values():
        assert [len(load.milliseconds) for load in (*comparison.ours, *comparison.reference)] == [4, 4]


def test_a_few_people_sign_in_beside_bare_argon2() -> None:
    comparison, rush, mebibytes = login_throughput.measure(8, rush=3, rounds=1)
    assert [len(load.milliseconds) for load in (*comparison.ours, *comparison.reference)] == [8, 8]
    assert len(rush.milliseconds) == 3
    assert mebibytes > 0


def test_importing_the_api_brings_no_heavy_module() -> None:
    seconds, heavy = api_start.import_once()
    assert seconds > 0
    assert heavy == []


def test_goals_of_answers() -> None:
    met = answer_submit.goals(Comparison(loads(40, 30), loads(100, 10)))
    missed = answer_submit.goals(Comparison(loads(39, 31), loads(100, 10)))
    assert [goal.is_met for goal in met] == [True, True]
    assert [goal.is_met for goal in missed] == [False, False]


def test_goals_of_events() -> None:
    met = event_batches.goals(Comparison(loads(10_000, 200), loads(20_000, 1)))
    missed = event_batches.goals(Comparison(loads(9_999, 201), loads(20_000, 1)))
    assert [goal.is_met for goal in met] == [True, True, True]
    assert [goal.is_met for goal in missed] == [False, False, False]


def test_goals_of_banks() -> None:
    met = question_banks.goals({"list": Comparison(loads(1, 50), loads(1, 1))})
    missed = question_banks.goals({"list": Comparison(loads(1, 51), loads(1, 1))})
    assert [goal.is_met for goal in (*met, *missed)] == [True, False]


def test_goals_of_signing_in() -> None:
    rush, slow_rush = Load(7, [2000] * 100), Load(7, [2001] * 100)
    met = login_throughput.goals(Comparison(loads(7, 900), loads(10, 50)), rush, 400)
    missed = login_throughput.goals(Comparison(loads(6.6, 900), loads(10, 50)), slow_rush, 401)
    assert [goal.is_met for goal in met] == [True] * 4
    assert [goal.is_met for goal in missed] == [False] * 4


def test_goals_of_the_start() -> None:
    met = api_start.goals(Spread(3, 2, 4), Spread(200, 1, 300), [])
    missed = api_start.goals(Spread(3.1, 2, 4), Spread(201, 1, 300), ["dagster"])
    assert [goal.is_met for goal in met] == [True, True, True]
    assert [goal.is_met for goal in missed] == [False, False, False]
