"""Drop rules against trying every subset, which only the tests can afford."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drop_rules import NOTHING_DROPPED, Dropped, DropRule, Scored, dropped, in_whole_numbers

pools = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40)), min_size=1, max_size=7).map(
    lambda drawn: [Scored(number, *pair) for number, pair in enumerate(drawn)]
)
any_points = st.lists(st.tuples(st.integers(-3, 9), st.integers(0, 3)), min_size=1, max_size=6).map(
    lambda drawn: [Scored(number, *pair) for number, pair in enumerate(drawn)]
)
pinned = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40)), max_size=2).map(
    lambda drawn: [Scored(100 + number, *pair) for number, pair in enumerate(drawn)]
)
counts = st.integers(0, 4)


def ratio(items: Iterable[Scored]) -> Fraction:
    kept = list(items)
    return Fraction(sum(item.score for item in kept), sum(item.possible for item in kept))


def has_points(items: Iterable[Scored]) -> bool:
    return any(item.possible for item in items)


def left(pool: Sequence[Scored], out: Dropped) -> list[Scored]:
    return [item for item in pool if item.id not in out.low | out.high]


def sizes(pool: Sequence[Scored], lowest: int, highest: int) -> tuple[int, int]:
    low = min(lowest, len(pool) - 1)
    return low, highest if low + highest < len(pool) else 0


def joint_value(pool: Sequence[Scored], always: Sequence[Scored], low: int, high: int) -> Fraction:
    keeps = combinations(pool, len(pool) - low)
    return max(
        min(ratio([*kept, *always]) for kept in combinations(remaining, len(remaining) - high))
        for remaining in keeps
    )


@given(pools, pinned, counts, counts)
def test_the_joint_rule_finds_the_value_of_the_two_step_choice(
    pool: list[Scored], always: list[Scored], lowest: int, highest: int
) -> None:
    out = dropped(pool, always, lowest=lowest, highest=highest, rule=DropRule.JOINT)
    low, high = sizes(pool, lowest, highest)
    assert (len(out.low), len(out.high)) == (low, high)
    assert ratio([*left(pool, out), *always]) == joint_value(pool, always, low, high)


@given(any_points.filter(lambda pool: any(item.possible for item in pool)), counts, counts)
def test_where_some_items_are_worth_nothing_both_choices_must_leave_points(
    pool: list[Scored], lowest: int, highest: int
) -> None:
    out = dropped(pool, [], lowest=lowest, highest=highest, rule=DropRule.JOINT)
    low, high = sizes(pool, lowest, highest)
    assert (len(out.low), len(out.high)) == (low, high)
    assert ratio(left(pool, out)) == max(
        min(ratio(kept) for kept in combinations(remaining, len(remaining) - high) if has_points(kept))
        for remaining in combinations(pool, len(pool) - low)
        if has_points(remaining)
    )


@given(pools, pinned, counts, counts)
def test_the_sequential_rule_finds_the_best_set_and_then_the_worst_within_it(
    pool: list[Scored], always: list[Scored], lowest: int, highest: int
) -> None:
    out = dropped(pool, always, lowest=lowest, highest=highest, rule=DropRule.SEQUENTIAL)
    low, high = sizes(pool, lowest, highest)
    assert (len(out.low), len(out.high)) == (low, high)
    kept = [item for item in pool if item.id not in out.low]
    best = max(ratio([*choice, *always]) for choice in combinations(pool, len(pool) - low))
    assert ratio([*kept, *always]) == best
    worst = min(ratio([*choice, *always]) for choice in combinations(kept, len(kept) - high))
    assert ratio([*left(pool, out), *always]) == worst


@given(pools, pinned, counts, counts, st.data())
def test_under_the_joint_rule_a_better_score_never_lowers_the_result(
    pool: list[Scored], always: list[Scored], lowest: int, highest: int, data: st.DataObject
) -> None:
    def value(items: list[Scored]) -> Fraction:
        out = dropped(items, always, lowest=lowest, highest=highest, rule=DropRule.JOINT)
        return ratio([*left(items, out), *always])

    place = data.draw(st.integers(0, len(pool) - 1))
    old = pool[place]
    better = [*pool]
    better[place] = Scored(old.id, old.score + data.draw(st.integers(1, 50)), old.possible)
    assert value(better) >= value(pool)


@given(any_points, counts, counts, st.sampled_from(DropRule), st.randoms(use_true_random=False))
def test_the_order_of_the_items_changes_nothing(
    pool: list[Scored], lowest: int, highest: int, rule: DropRule, random: object
) -> None:
    mixed = [*pool]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    drops = {"lowest": lowest, "highest": highest, "rule": rule}
    assert dropped(mixed, [], **drops) == dropped(pool, [], **drops)  # type: ignore[arg-type]


@given(any_points, counts, counts, st.sampled_from(DropRule))
def test_something_worth_points_is_kept_where_there_is_anything(
    pool: list[Scored], lowest: int, highest: int, rule: DropRule
) -> None:
    out = dropped(pool, [], lowest=lowest, highest=highest, rule=rule)
    kept = left(pool, out)
    assert kept
    assert any(item.possible for item in kept) == any(item.possible for item in pool)


@pytest.mark.parametrize("rule", DropRule)
def test_where_nothing_is_worth_points_the_scores_decide(rule: DropRule) -> None:
    pool = [Scored(1, 10, 0), Scored(2, 5, 0), Scored(3, 20, 0), Scored(4, 0, 0)]
    out = dropped(pool, [], lowest=2, highest=1, rule=rule)
    assert out == Dropped(frozenset({2, 4}), frozenset({3}))


@pytest.mark.parametrize("rule", DropRule)
def test_equal_items_leave_by_the_order_of_their_ids(rule: DropRule) -> None:
    pool = [Scored(name, 5, 10) for name in (3, 1, 2)]
    assert dropped(pool, [], lowest=1, highest=0, rule=rule).low == {3}


def test_nothing_leaves_an_empty_or_a_single_pool() -> None:
    assert dropped([], [], lowest=2, highest=2, rule=DropRule.JOINT) == NOTHING_DROPPED
    assert dropped([Scored(1, 1, 2)], [], lowest=1, highest=1, rule=DropRule.JOINT) == NOTHING_DROPPED


def test_numbers_share_the_smallest_unit() -> None:
    values = [("a", Decimal("0.5"), Decimal(2)), ("b", Decimal("1E+1"), Decimal("2.25"))]
    assert in_whole_numbers(values) == [Scored("a", 50, 200), Scored("b", 1000, 225)]
    assert in_whole_numbers([]) == []
