"""Learning velocity: how fast a student gets on, over all concepts together.

A slope per concept is noise (split-half reliability 0.03-0.23 after 6-16 answers), so there is none. Two numbers
are shown instead: concepts moved to secure per school week, with their counts, and the trend of the student's
level, which is reliable (0.3-0.65) from forty answers on.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles

from core.domain.mastery import GradedAnswer

SCHOOL_WEEKS = 4
MINIMUM_ANSWERS = 40
MAXIMUM_ANSWERS = 200  # older answers tell of another time
ANSWERS_PER_STEP = 10.0
PRIOR_WEIGHT = 12.0  # information of a prior that says "no trend": about what forty answers carry
CLEAR_STANDARD_ERRORS = 2.0

STEADY = "steady"
RISING = "rising"
FALLING = "falling"


@dataclass(frozen=True, slots=True)
class Trend:
    """`slope` and `standard_error` in logits per ten answers, over the last `answer_count` answers."""

    slope: float
    standard_error: float
    answer_count: int

    @property
    def direction(self) -> str:
        """Steady unless the slope is more than two standard errors away from nothing."""
        if abs(self.slope) <= CLEAR_STANDARD_ERRORS * self.standard_error:
            return STEADY
        return RISING if self.slope > 0 else FALLING


@dataclass(frozen=True, slots=True)
class SecuredConcepts:
    """Concepts that became secure in each of the last school weeks, the oldest first."""

    counts: tuple[int, ...]

    @property
    def per_week(self) -> float | None:
        """Concepts per school week; None before the first week."""
        return sum(self.counts) / len(self.counts) if self.counts else None


@dataclass(frozen=True, slots=True)
class ClassTrend:
    """Median and quartiles of the slopes of the students who have one (logits per ten answers)."""

    student_count: int
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None


def level_trend(answers: Sequence[GradedAnswer]) -> Trend | None:
    """Return the trend of a student's level from all answers in order, or None under forty.

    Each residual y - p is the level at that moment times v = p(1 - p), so the ridge slope over the place x of an
    answer (in steps of ten, centred by information) is `β = Σ x·(y - p) / (Σ v·x² + 12)` with standard error
    `1 / √(Σ v·x² + 12)`. Forty answers of rate 0.5, the first half wrong and the second right: Σ x·r = 20,
    Σ v·x² = 13.325, β = 20 / 25.325 = 0.790 ± 0.199.
    """
    recent = answers[-MAXIMUM_ANSWERS:]
    if len(recent) < MINIMUM_ANSWERS:
        return None
    information = [answer.rate * (1.0 - answer.rate) for answer in recent]
    places = [place / ANSWERS_PER_STEP for place in range(len(recent))]
    weighted_places = math.fsum(v * x for v, x in zip(information, places, strict=True))
    centre = weighted_places / math.fsum(information)
    return _ridge_slope(recent, information, [place - centre for place in places])


def _ridge_slope(answers: Sequence[GradedAnswer], information: list[float], places: list[float]) -> Trend:
    pull = math.fsum(x * (one.outcome - one.rate) for x, one in zip(places, answers, strict=True))
    weight = math.fsum(v * x * x for x, v in zip(places, information, strict=True)) + PRIOR_WEIGHT
    return Trend(pull / weight, 1.0 / math.sqrt(weight), len(answers))


def secured_concepts(
    secured_at: Sequence[datetime], *, school_weeks: Sequence[datetime], as_of: datetime
) -> SecuredConcepts:
    """Return how many concepts became secure in each of the last four school weeks begun by `as_of`.

    `school_weeks` are the beginnings of the weeks with school, ascending: holidays are not in it, so that nobody
    slows down over Christmas; what happens in one counts for the week before. `secured_at` holds one time per
    concept that is secure now.
    """
    begun = [start for start in school_weeks if start <= as_of]
    counts = [0] * len(begun)
    for moment in secured_at:
        week = bisect_right(begun, moment) - 1
        if week >= 0 and moment <= as_of:
            counts[week] += 1
    return SecuredConcepts(tuple(counts[-SCHOOL_WEEKS:]))


def class_trend(trends: Sequence[Trend]) -> ClassTrend:
    """Return the median and spread of a class; quartiles need two students."""
    slopes = [trend.slope for trend in trends]
    if len(slopes) < 2:
        return ClassTrend(len(slopes), slopes[0] if slopes else None, None, None)
    lower, _, upper = quantiles(slopes, n=4, method="inclusive")
    return ClassTrend(len(slopes), median(slopes), lower, upper)
