import pytest

from ops.bench.rounds import Comparison, Load, Spread, at_least, at_most, compare, print_goals


def load(per_second: float, milliseconds: float = 10) -> Load:
    return Load(per_second, [milliseconds] * 100)


def test_a_percentile_is_what_so_many_requests_stayed_below() -> None:
    seen = Load(1, [float(number) for number in range(1, 102)])
    assert (seen.percentile(50), seen.percentile(99)) == (51, 100)


def test_ratios_are_taken_round_by_round_and_the_median_is_quoted_with_its_range() -> None:
    comparison = Comparison(
        [load(40, 30), load(10, 40), load(90, 10)], [load(100), load(100, 20), load(100, 10)]
    )
    assert comparison.throughput_ratio() == Spread(0.4, 0.1, 0.9)
    assert comparison.latency_ratio(99) == Spread(2, 1, 3)


def test_a_ratio_needs_both_sides_of_every_round() -> None:
    with pytest.raises(ValueError, match="longer"):
        Comparison([load(1)], [load(1), load(2)]).throughput_ratio()


async def test_both_sides_run_in_turns() -> None:
    order = []

    async def ours() -> Load:
        order.append("ours")
        return load(1)

    async def reference() -> Load:
        order.append("reference")
        return load(2)

    comparison = await compare(ours, reference, rounds=3)
    assert order == ["reference", "ours"] * 3
    assert comparison.throughput_ratio() == Spread(0.5, 0.5, 0.5)


def test_a_goal_is_judged_by_the_median(capsys: pytest.CaptureFixture[str]) -> None:
    measured = Spread(0.4, 0.1, 0.9)
    assert print_goals([at_least("forty", measured, 0.4), at_most("forty", measured, 0.4)]) == 0
    assert print_goals([at_least("more", measured, 0.41)]) == 1
    assert print_goals([at_most("less", measured, 0.39)]) == 1
    assert "MISSED more: 0.40 (0.10 to 0.90)" in capsys.readouterr().out
