from core.domain.drop_rules import DropRule
from ops.bench.drop_rules import COUNTS, ITEMS, SIDES, by_bisection, categories, exactly, goals


def test_every_category_has_the_promised_number_of_items_and_every_rule_drops() -> None:
    assert all(len(pool) == ITEMS for pool in categories())
    assert all(0 < lowest + highest < ITEMS for lowest, highest in COUNTS)


def test_the_reference_keeps_what_the_exact_rule_keeps_where_floats_suffice() -> None:
    pool = categories()[0]
    out = exactly(DropRule.SEQUENTIAL)(pool, 20, 20)
    kept = {item.id for item in by_bisection(pool, 20, 20)}
    assert kept == {item.id for item in pool} - out.low - out.high  # type: ignore[attr-defined]


def test_slow_rounds_miss_their_goals() -> None:
    slow = {name: [25.0] for name in SIDES} | {"bisection in floats": [1.0]}
    fast = {name: [1.0] for name in SIDES}
    assert [goal.is_met for goal in goals([slow])] == [False, False, False]
    assert [goal.is_met for goal in goals([fast])] == [True, True, True]
