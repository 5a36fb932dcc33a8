"""Which items of a category its drop rules leave out, found by search on the ratio: never by trying subsets.

For a ratio q an item is worth `score − q · possible`. A set of items has a ratio of at least q exactly when its
worths add up to 0 or more: for a fixed q the best and the worst sets are found by sorting, only q is searched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

_Order = Callable[[Sequence["Scored"], Fraction], list["Scored"]]


class DropRule(StrEnum):
    JOINT = "joint"
    """The best choice of low items against the worst of high ones: a better score never lowers the result."""
    SEQUENTIAL = "sequential"
    """First the low ones, for the highest ratio; then of the rest the high ones, for the lowest."""


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with whole numbers in a common unit; ids are ordered and break ties."""

    id: Any
    score: int
    possible: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """Ids left out."""

    low: frozenset[Any]
    high: frozenset[Any]


NOTHING_DROPPED = Dropped(frozenset(), frozenset())


def in_whole_numbers(values: Sequence[tuple[Any, Decimal, Decimal]]) -> list[Scored]:
    """Return (id, score, possible) in the smallest decimal unit all share: 0.5 of 2 becomes 5 of 20."""
    digits = max((_places(number) for _, *numbers in values for number in numbers), default=0)
    unit = Decimal(10) ** digits
    return [Scored(name, int(score * unit), int(possible * unit)) for name, score, possible in values]


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def dropped(
    pool: Sequence[Scored], always_kept: Sequence[Scored], *, lowest: int, highest: int, rule: DropRule
) -> Dropped:
    """Return what is left out of `pool`; `always_kept` items count in every ratio and cannot be left out.

    With n items at most n − 1 low ones are dropped, and no high ones when nothing would be left.
    """
    size = len(pool)
    low = min(lowest, size - 1)
    high = highest if low + highest < size else 0
    if low <= 0 and high <= 0:
        return NOTHING_DROPPED
    low = max(low, 0)
    worth_nothing = not any(item.possible for item in (*pool, *always_kept))
    if worth_nothing:
        return _by_score(pool, low, high)
    base = (sum(item.score for item in always_kept), sum(item.possible for item in always_kept))
    if rule is DropRule.JOINT and low and high:
        return _jointly(pool, base, low, high)
    return _one_after_the_other(pool, base, low, high)


def _by_score(pool: Sequence[Scored], low: int, high: int) -> Dropped:
    """Where nothing is worth points: keep the highest scores, then the lowest of those."""
    ranked = sorted(pool, key=lambda item: (-item.score, item.id))
    kept, lows = ranked[: len(ranked) - low], ranked[len(ranked) - low :]
    ranked = sorted(kept, key=lambda item: (item.score, item.id))
    return _named(lows, ranked[len(ranked) - high :])


def _one_after_the_other(pool: Sequence[Scored], base: tuple[int, int], low: int, high: int) -> Dropped:
    kept = _extreme(pool, base, len(pool) - low, _best_first) if low else list(pool)
    middle = _extreme(kept, base, len(kept) - high, _worst_first) if high else kept
    keeps, ends = {item.id for item in kept}, {item.id for item in middle}
    return _named(
        [item for item in pool if item.id not in keeps], [item for item in kept if item.id not in ends]
    )


def _extreme(pool: Sequence[Scored], base: tuple[int, int], size: int, order: _Order) -> list[Scored]:
    """Return the `size` items with the highest or lowest ratio: each step's ratio is a better q (Dinkelbach)."""
    by_points = sorted(pool, key=lambda item: (-item.possible, item.id))
    q = _ratio(by_points[:size], base)
    while True:
        chosen = _with_points(order(pool, q), base, size)
        better = _ratio(chosen, base)
        if better == q:
            return chosen
        q = better


def _with_points(ranked: list[Scored], base: tuple[int, int], size: int) -> list[Scored]:
    """Take the first `size`, but never only items worth nothing: such a set has no ratio."""
    chosen = ranked[:size]
    if base[1] or any(item.possible for item in chosen):
        return chosen
    return [*chosen[:-1], next(item for item in ranked[size:] if item.possible)]


def _best_first(pool: Sequence[Scored], q: Fraction) -> list[Scored]:
    return sorted(pool, key=lambda item: (-_worth(item, q), item.id))


def _worst_first(pool: Sequence[Scored], q: Fraction) -> list[Scored]:
    return sorted(pool, key=lambda item: (_worth(item, q), item.id))


def _worth(item: Scored, q: Fraction) -> int:
    return item.score * q.denominator - q.numerator * item.possible


def _ratio(items: Sequence[Scored], base: tuple[int, int]) -> Fraction:
    return Fraction(
        base[0] + sum(item.score for item in items), base[1] + sum(item.possible for item in items)
    )


def _jointly(pool: Sequence[Scored], base: tuple[int, int], low: int, high: int) -> Dropped:
    """Find the q at which what the two-step choice keeps is worth exactly 0: the value of the choice.

    For a fixed q the low choice leaves out the least worth and the high choice the most, so only the middle stays.
    Its sum falls as q rises: the ratio of the middle is the next guess (as in Dinkelbach), and where that leaves the
    bracket, its half.
    """
    has_points_to_spare = base[1] > 0 or sum(item.possible > 0 for item in pool) > low + high
    lower, upper = _bounds(pool, base)
    q = _ratio(pool, base)
    while True:
        ranked = _best_first(pool, q)
        choice = ranked if has_points_to_spare else _with_points_in_the_middle(ranked, q, low, high)
        middle = choice[high : len(choice) - low]
        guess = _ratio(middle, base)
        if guess == q:
            return _named(choice[len(choice) - low :], choice[:high])
        lower, upper = (q, upper) if guess > q else (lower, q)
        q = guess if lower < guess < upper else (lower + upper) / 2


def _with_points_in_the_middle(ranked: list[Scored], q: Fraction, low: int, high: int) -> list[Scored]:
    """Order the items as high, kept, low where most are worth nothing: neither choice may leave only such items.

    How many items with points the low choice leaves is tried out; which ones, their worth says.
    """
    pointed = [item for item in ranked if item.possible]
    size = len(ranked) - low
    fewest, most = max(1, size - (len(ranked) - len(pointed))), min(size, len(pointed))
    choices = [_least_kept(_leaving(ranked, count, size), size, high) for count in range(fewest, most + 1)]
    return max(choices, key=lambda choice: sum(_worth(item, q) for item in choice[high:size]))


def _leaving(ranked: list[Scored], with_points: int, size: int) -> list[Scored]:
    """Put the best `with_points` items with points and the best without to the front, `size` of them together."""
    pointed = [item for item in ranked if item.possible]
    without = [item for item in ranked if not item.possible]
    chosen = {item.id for item in (*pointed[:with_points], *without[: size - with_points])}
    return sorted(ranked, key=lambda item: item.id not in chosen)


def _least_kept(choice: list[Scored], size: int, high: int) -> list[Scored]:
    """Let the first `high` of `size` items go; if no points were left, the last of those with points stays."""
    if any(item.possible for item in choice[high:size]):
        return choice
    stays = max(place for place in range(high) if choice[place].possible)
    return [*choice[:stays], *choice[stays + 1 : high + 1], choice[stays], *choice[high + 1 :]]


def _bounds(pool: Sequence[Scored], base: tuple[int, int]) -> tuple[Fraction, Fraction]:
    """Return ratios that no set reaches: points are whole numbers here, so no ratio exceeds the sum of the scores."""
    beyond = Fraction(abs(base[0]) + sum(abs(item.score) for item in pool) + 1)
    return -beyond, beyond


def _named(low: Sequence[Scored], high: Sequence[Scored]) -> Dropped:
    return Dropped(frozenset(item.id for item in low), frozenset(item.id for item in high))
