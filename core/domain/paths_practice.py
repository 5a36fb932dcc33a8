"""Which questions of a bank suit one student on one concept: near 70 % chance of success."""

from bisect import bisect_left, bisect_right
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
    50-85 % are taken only to have three. Of equally suitable ones the lower id comes first.
    """
    low, best, high = (
        _easiness(chance, ability, constants)
        for chance in (WITHIN_REACH[0], PRACTICE_CHANCE, WITHIN_REACH[1])
    )
    around = _around(best, questions)
    nearest = sorted(around, key=lambda rated: (abs(rated[0] - best), rated[1]))[:MOST_QUESTIONS]
    return [
        question
        for place, (easiness, question) in enumerate(nearest)
        if place < FEWEST_QUESTIONS or low <= easiness <= high
    ]


def _around(best: float, questions: Sequence[RatedQuestion]) -> list[RatedQuestion]:
    """Return a few questions either side of the best easiness, among them the five nearest.

    Many that nobody has answered are equally easy: of those at the lower edge the first ones are taken, not the last.
    """
    middle = bisect_left(questions, (best, ""))
    if middle == len(questions) == 0:
        return []
    lowest = questions[max(middle - MOST_QUESTIONS, 0)][0]
    begin = bisect_left(questions, lowest, key=_easiness_of)
    end = bisect_right(questions, lowest, key=_easiness_of)
    return [*questions[begin:end][:MOST_QUESTIONS], *questions[end : middle + MOST_QUESTIONS]]


def _easiness_of(rated: RatedQuestion) -> float:
    return rated[0]


def _easiness(chance: float, ability: float, constants: MasteryConstants) -> float:
    return (logit(chance) - constants.intercept - constants.ability * ability) / constants.easiness
