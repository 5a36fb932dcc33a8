"""How long the drop rules take for a category of 200 items, at the worst of many rules and kinds of scores.

    python -m ops.bench.drop_rules

The reference is the usual way: bisection of the ratio in binary floats, first for the low items, then for the high.
Its speed is what a gradebook is used to, its numbers are only near; ours is exact.
"""

import sys
import time
from collections.abc import Callable, Sequence
from random import Random
from statistics import median

from core.domain.drop_rules import DropRule, Scored, dropped
from ops.bench.rounds import MINIMUM_ROUNDS, Goal, Spread, at_most, print_goals

ITEMS = 200
MAXIMUM_MILLISECONDS = 20.0
MAXIMUM_RATIO = 1.0
COUNTS = ((1, 0), (0, 1), (1, 1), (5, 5), (20, 20), (60, 60), (66, 66), (99, 100), (150, 20), (20, 150))
"""(lowest, highest) of the rules tried."""

Measure = Callable[[Sequence[Scored], int, int], object]


def main() -> int:
    """Print what was measured and the goals; the exit code is 1 when one is missed."""
    rounds = [measure() for _ in range(MINIMUM_ROUNDS)]
    for name in SIDES:
        middle = Spread.of([median(one[name]) for one in rounds])
        print(f"{name}: {middle} ms for one category, the worst {worst(rounds, name)} ms")
    return print_goals(goals(rounds))


def goals(rounds: Sequence[dict[str, list[float]]]) -> list[Goal]:
    """A share below 1 is faster than the reference, summed over all categories of a round."""
    ratios = [sum(one["sequential"]) / sum(one["bisection in floats"]) for one in rounds]
    return [
        at_most("joint: at most 20 ms for any 200 items", worst(rounds, "joint"), MAXIMUM_MILLISECONDS),
        at_most(
            "sequential: at most 20 ms for any 200 items", worst(rounds, "sequential"), MAXIMUM_MILLISECONDS
        ),
        at_most("sequential: no slower than bisection in floats", Spread.of(ratios), MAXIMUM_RATIO),
    ]


def worst(rounds: Sequence[dict[str, list[float]]], name: str) -> Spread:
    return Spread.of([max(one[name]) for one in rounds])


def measure() -> dict[str, list[float]]:
    """Return the milliseconds of each side for every category and rule, in turns."""
    seen: dict[str, list[float]] = {name: [] for name in SIDES}
    for pool in categories():
        for lowest, highest in COUNTS:
            for name, side in SIDES.items():
                started = time.perf_counter()
                side(pool, lowest, highest)
                seen[name].append((time.perf_counter() - started) * 1000)
    return seen


def categories() -> list[list[Scored]]:
    """Return 200 items: ordinary ones, with long numbers, with points that grow, and mostly worth nothing."""
    random = Random(5)  # noqa: S311 - made-up scores
    steps = range(ITEMS)
    return [
        [Scored(step, random.randint(0, 10_000), random.randint(1, 10_000)) for step in steps],
        [Scored(step, random.randint(0, 10**14), random.randint(1, 10**14)) for step in steps],
        [Scored(step, int(1.2**step) * random.randint(1, 3), int(1.2**step) + 1) for step in steps],
        [Scored(step, random.randint(0, 100), random.randint(1, 100) * (step % 2)) for step in steps],
    ]


def exactly(rule: DropRule) -> Measure:
    return lambda pool, lowest, highest: dropped(pool, [], lowest=lowest, highest=highest, rule=rule)


def by_bisection(pool: Sequence[Scored], lowest: int, highest: int) -> list[Scored]:
    """Keep the best and then the worst by halving the range of the ratio until neighbours cannot be told apart."""
    kept = _halved(pool, len(pool) - lowest, best=True)
    return _halved(kept, len(kept) - highest, best=False)


def _halved(pool: Sequence[Scored], size: int, *, best: bool) -> list[Scored]:
    low, high = 0.0, sum(item.score for item in pool) / max(1, sum(item.possible for item in pool)) * 2 + 1
    narrow = max(1e-15, 1 / (2 * size * max(1, *(item.possible for item in pool)) ** 2))
    kept = list(pool)
    while high - low > narrow * max(1.0, high):
        q = (low + high) / 2
        worths = sorted(((item.score - q * item.possible, item) for item in pool), key=_worth, reverse=best)
        kept = [item for _, item in worths[:size]]
        if sum(worth for worth, _ in worths[:size]) < 0:
            high = q
        else:
            low = q
    return kept


def _worth(pair: tuple[float, Scored]) -> float:
    return pair[0]


SIDES: dict[str, Measure] = {
    "joint": exactly(DropRule.JOINT),
    "sequential": exactly(DropRule.SEQUENTIAL),
    "bisection in floats": by_bisection,
}


if __name__ == "__main__":
    sys.exit(main())
