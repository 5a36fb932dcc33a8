"""Which questions of a bank suit one student on one concept: near 70 % chance of success."""

from bisect import bisect_left
from collections.abc import Sequence

from core.domain.logistic import logit
from core.domain.mastery import SHIPPED_CONSTANTS, MasteryConstants
from core.domain.paths import WITHIN_REACH

PRACTICE_CHANCE = 0.7
FEWEST_QUESTIONS = 3
MOST_QUESTIONS = 5

RatedQuestion = tuple[float, str]
"""A question's easiness in logits, and its id."""


def practice_questions(
    ability: float, questions: Sequence[RatedQuestion], *, constants: MasteryConstants = SHIPPED_CONSTANTS
) -> list[str]:
    """Return three to five questions, the most suitable first; fewer only where the bank has fewer.

    `questions` is sorted. The chance of success is `σ(a₀ + a₁·easiness + a₂·θ)`, so the best easiness is
    `(logit 0.7 - a₀ - a₂·θ) / a₁`: 0.72 for a typical student (θ = 0), a question 67 % get right. Questions outside
    50-85 % are taken only to have three.
    """
    low, best, high = (
        _easiness(chance, ability, constants)
        for chance in (WITHIN_REACH[0], PRACTICE_CHANCE, WITHIN_REACH[1])
    )
    middle = bisect_left(questions, (best, ""))
    around = questions[max(middle - MOST_QUESTIONS, 0) : middle + MOST_QUESTIONS]
    nearest = sorted(around, key=lambda rated: (abs(rated[0] - best), rated[1]))[:MOST_QUESTIONS]
    return [
        question
        for place, (easiness, question) in enumerate(nearest)
        if place < FEWEST_QUESTIONS or low <= easiness <= high
    ]


def _easiness(chance: float, ability: float, constants: MasteryConstants) -> float:
    return (logit(chance) - constants.intercept - constants.ability * ability) / constants.easiness
