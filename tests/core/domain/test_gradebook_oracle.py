"""Gradebooks drawn by number, against a second reading of the rules that tries every subset and knows no shortcut.

A few hundred here; `make soak` sets GRADEBOOKS to 100,000.
"""

import os
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import combinations, product
from random import Random

import pytest

from core.domain.drop_rules import DropRule
from core.domain.gradebook import CategoryRule, GradingPolicy, Item, Standing, course_grades

GRADEBOOKS = int(os.environ.get("GRADEBOOKS", "400"))
RUNS = (
    ("current_posted", False, True),
    ("final_posted", True, True),
    ("current_all", False, False),
    ("final_all", True, False),
)

Points = tuple[Fraction, Fraction]
"""(score, possible)."""


def drawn_policy(random: Random) -> GradingPolicy:
    return GradingPolicy(
        weighted=random.random() < 0.6,
        drop_rule=random.choice(list(DropRule)),
        places=random.choice([0, 1, 2, 2, 2, 3]),
        categories=tuple(
            CategoryRule(
                name, name, Decimal(random.randint(0, 700)) / 10, random.randint(0, 3), random.randint(0, 2)
            )
            for name in ("homework", "quizzes")
        ),
    )


def drawn_item(random: Random, number: int) -> Item:
    places = random.choice([1, 1, 10, 100])
    return Item(
        id=number,
        category=random.choice(["homework", "homework", "quizzes", None, "unheard of"]),
        score=None if random.random() < 0.2 else Decimal(random.randint(0, 15 * places)) / places,
        possible=Decimal(random.choice([0, 4, 10, 10, 12, 20])),
        posted=random.random() < 0.8,
        awaiting_review=random.random() < 0.1,
        excused=random.random() < 0.1,
        omitted=random.random() < 0.1,
        never_drop=random.random() < 0.15,
    )


def ratio(items: Sequence[Points]) -> Fraction | None:
    possible = sum((item[1] for item in items), Fraction(0))
    return sum((item[0] for item in items), Fraction(0)) / possible if possible else None


def sums(items: Sequence[Points]) -> Points:
    return sum((item[0] for item in items), Fraction(0)), sum((item[1] for item in items), Fraction(0))


def counted(items: Sequence[Item], *, final: bool, posted: bool) -> Iterator[tuple[Points, bool]]:
    """Steps 2 to 6 of one category: (points, whether drop rules leave it alone)."""
    for item in items:
        score = None if posted and not item.posted else item.score
        if not final and item.awaiting_review:
            score = None
        if item.excused or item.omitted or (score is None and not final):
            continue
        yield (Fraction(score or 0), Fraction(item.possible)), item.never_drop


def outcomes(counting: list[tuple[Points, bool]], rule: CategoryRule | None, drop: DropRule) -> set[Points]:
    """Every (score, possible) the rules allow: equal sets may leave different points behind."""
    always = [item for item, is_pinned in counting if is_pinned]
    pool = [item for item, is_pinned in counting if not is_pinned]
    low = min(rule.drop_lowest if rule else 0, max(len(pool) - 1, 0))
    high = rule.drop_highest if rule else 0
    high = high if low + high < len(pool) else 0
    if not any(possible for _, possible in pool + always):
        by_score = sorted(pool, reverse=True)[: len(pool) - low]
        return {sums([*always, *by_score[high:]])}
    if drop is DropRule.JOINT:
        return jointly(pool, always, low, high)
    return sequentially(pool, always, low, high)


def jointly(pool: list[Points], always: list[Points], low: int, high: int) -> set[Points]:
    values: dict[Fraction, set[Points]] = {}
    for left in combinations(pool, len(pool) - low):
        lowest = extreme(left, always, len(left) - high, min)
        for value, kept in lowest.items():
            values.setdefault(value, set()).update(sums([*always, *one]) for one in kept)
    return values[max(values)]


def sequentially(pool: list[Points], always: list[Points], low: int, high: int) -> set[Points]:
    (best,) = extreme(pool, always, len(pool) - low, max).values()
    found = [extreme(kept, always, len(kept) - high, min) for kept in best]
    return {sums([*always, *one]) for worst in found for kept in worst.values() for one in kept}


def extreme(pool, always, size, choose):  # type: ignore[no-untyped-def]
    """{ratio: every set of `size` items that has it}, of the highest or lowest ratio; {} where no set has points."""
    ratios: dict[Fraction, list[tuple[Points, ...]]] = {}
    for kept in combinations(pool, size):
        value = ratio([*kept, *always])
        if value is not None:
            ratios.setdefault(value, []).append(kept)
    return {choose(ratios): ratios[choose(ratios)]} if ratios else {}


def expected_percents(
    policy: GradingPolicy, items: list[Item], *, final: bool, posted: bool
) -> set[Decimal | None]:
    known = {rule.id: rule for rule in policy.categories}
    names = [*known, None]
    groups = {
        name: [item for item in items if (item.category if item.category in known else None) == name]
        for name in names
    }
    possible_sums = [
        outcomes(
            list(counted(groups[name], final=final, posted=posted)), known.get(name or ""), policy.drop_rule
        )
        for name in names
    ]
    weights = [Fraction(known[name].weight) if name else Fraction(0) for name in names]
    return {combined(policy, weights, one) for one in product(*possible_sums)}


def combined(policy: GradingPolicy, weights: list[Fraction], categories: Sequence[Points]) -> Decimal | None:
    if not policy.weighted:
        value = ratio(categories)
        return None if value is None else rounded(100 * value, policy.places)
    pairs = [
        (weight, score / possible)
        for weight, (score, possible) in zip(weights, categories, strict=True)
        if possible
    ]
    total = sum((weight for weight, _ in pairs), Fraction(0))
    if not total:
        return None
    raw = sum((weight * share for weight, share in pairs), Fraction(0))
    return rounded(raw * 100 / total if total < 100 else raw, policy.places)


def rounded(exact: Fraction, places: int) -> Decimal:
    with localcontext() as context:
        context.prec = 200
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
            Decimal(1).scaleb(-places), ROUND_HALF_UP
        )


@pytest.mark.timeout(900)
def test_drawn_gradebooks_come_out_as_a_second_reading_of_the_rules_says() -> None:
    for seed in range(GRADEBOOKS):
        random = Random(seed)
        policy = drawn_policy(random)
        items = [drawn_item(random, number) for number in range(random.randint(0, 11))]
        grades = course_grades(policy, items)
        for name, final, posted in RUNS:
            standing: Standing = getattr(grades, name)
            allowed = expected_percents(policy, items, final=final, posted=posted)
            assert standing.percent in allowed, f"gradebook {seed}, {name}"
