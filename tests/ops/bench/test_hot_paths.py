"""The benchmarks themselves, in small: both sides answer, and goals are judged. Never how fast."""

from ops.bench import answer_submit, api_start, event_batches
from ops.bench.rounds import Comparison, Load, Spread


def loads(per_second: float, milliseconds: float) -> list[Load]:
    return [Load(per_second, [milliseconds] * 100)] * 3


def test_a_few_answers_go_through_both_servers() -> None:
    comparison = answer_submit.measure(20, warm_up=4, rounds=1)
    assert [len(load.milliseconds) for load in (*comparison.ours, *comparison.reference)] == [20, 20]


def test_a_few_batches_go_through_both_servers() -> None:
    comparison = event_batches.measure(8, warm_up=2, rounds=1)
    assert [len(load.milliseconds) for load in (*comparison.ours, *comparison.reference)] == [8, 8]


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


def test_goals_of_the_start() -> None:
    met = api_start.goals(Spread(3, 2, 4), Spread(200, 1, 300), [])
    missed = api_start.goals(Spread(3.1, 2, 4), Spread(201, 1, 300), ["dagster"])
    assert [goal.is_met for goal in met] == [True, True, True]
    assert [goal.is_met for goal in missed] == [False, False, False]
