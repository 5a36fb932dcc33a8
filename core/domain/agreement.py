"""How far two graders agree on the same answers."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from core.domain.grading import round_half_up

PLACES = 4
Pairs = Sequence[tuple[Decimal, Decimal]]
"""(one grader's score, the other's) for each answer, in points of the same scale."""


def quadratic_weighted_kappa(pairs: Pairs) -> Decimal | None:
    """Return Cohen's kappa with quadratic weights: 1 is full agreement, 0 what chance would give.

    `1 − Σ(a − b)² / n ÷ Σ(aᵢ − bⱼ)² / n²`, observed over expected from the graders' own distributions. None without
    answers, or where neither grader ever varied. (0,0), (1,1), (2,1), (2,2): 0.8. Source: Cohen 1968.
    """
    if not pairs:
        return None
    count = len(pairs)
    observed = sum((Fraction(one - other) ** 2 for one, other in pairs), Fraction(0)) / count
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    expected = sum(
        (
            Fraction(one - other) ** 2 * often * as_often
            for one, often in ones.items()
            for other, as_often in others.items()
        ),
        Fraction(0),
    ) / (count * count)
    if expected == 0:
        return None
    return round_half_up(1 - observed / expected, PLACES)


def mean_difference(pairs: Pairs) -> Decimal | None:
    """Return by how many points the first grader is kinder, on average; None without answers."""
    if not pairs:
        return None
    total = sum((Fraction(one - other) for one, other in pairs), Fraction(0))
    return round_half_up(total / len(pairs), PLACES)
