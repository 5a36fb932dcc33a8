"""Points and percents of one attempt, and which of several attempts a grade stands for: exact, rounded once, half up.

Late work is in `late_work`, categories, weights and letters in `gradebook`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

PERCENT_PLACES = 2
ZERO = Decimal(0)

CORRECT = "correct"
PARTIALLY_CORRECT = "partially_correct"
INCORRECT = "incorrect"
PENDING = "pending"


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """What one question earned: points out of `possible`; None while it waits to be graded.

    An unanswered question of a submitted attempt has the score 0, not None.
    """

    score: Decimal | None
    possible: Decimal


@dataclass(frozen=True, slots=True)
class AttemptTotal:
    """Points of an attempt; `percent` is None while a question waits, or when nothing is worth points."""

    score: Decimal
    possible: Decimal
    percent: Decimal | None
    pending_count: int


def multiple_choice_score(selected: str, *, correct: str, points: Decimal) -> Decimal:
    """Return all points for the keyed option and 0 for any other; no penalty for guessing."""
    return points if selected == correct else ZERO


def verdict(score: Decimal | None, possible: Decimal) -> str:
    """Return the word a student reads: 2 of 2 is correct, 1 of 2 partially correct, 0 of 2 incorrect.

    A question worth nothing is correct: there was nothing to miss. None is pending.
    """
    if score is None:
        return PENDING
    if score >= possible:
        return CORRECT
    return PARTIALLY_CORRECT if score > ZERO else INCORRECT


def percent(score: Decimal, possible: Decimal, *, places: int = PERCENT_PLACES) -> Decimal | None:
    """Return `100·score/possible` rounded half up once; 2 of 3 is 66.67. Over 100 with extra credit.

    None when nothing is possible. Exact inside, so 93.825 gives 93.83 and never 93.82;
    scores are never negative, so up and away from zero are the same.
    """
    if possible == ZERO:
        return None
    earned, parts = score.as_integer_ratio()
    most, most_parts = possible.as_integer_ratio()
    return _rounded(100 * earned * most_parts, parts * most, places)


def round_half_up(exact: Fraction, places: int) -> Decimal:
    """Round once, half up: 60.125 to two places is 60.13."""
    return _rounded(exact.numerator, exact.denominator, places)


def _rounded(numerator: int, denominator: int, places: int) -> Decimal:
    """Whole numbers: a class has ten thousands of these, and fractions would reduce each one first."""
    steps = (2 * numerator * 10**places + denominator) // (2 * denominator)
    return Decimal(steps).scaleb(-places)


def attempt_total(scores: Iterable[QuestionScore]) -> AttemptTotal:
    """Return the sums over the questions of an attempt; 3 of 4 and a pending 2 give 3 of 6, percent None."""
    items = tuple(scores)
    earned = sum((item.score for item in items if item.score is not None), ZERO)
    possible = sum((item.possible for item in items), ZERO)
    pending_count = sum(item.score is None for item in items)
    return AttemptTotal(
        score=earned,
        possible=possible,
        percent=None if pending_count else percent(earned, possible),
        pending_count=pending_count,
    )


class AttemptPolicy(StrEnum):
    """Which of several attempts the grade stands for."""

    BEST = "best"
    LATEST = "latest"
    AVERAGE = "average"


AVERAGE_PLACES = 10
"""A mean of points need not end; this far it is kept."""


@dataclass(frozen=True, slots=True)
class AttemptScore:
    """An attempt handed in: points earned, and points it loses by itself for being late."""

    number: int
    score: Decimal
    deduction: Decimal = ZERO


def grade_of_attempts(attempts: Iterable[AttemptScore], policy: AttemptPolicy) -> AttemptScore | None:
    """Return the attempt the grade stands for; None without attempts.

    `best`: the best *after* its own penalty, of equal ones the earlier: 10 less 3 loses to 8 in time. `latest`: the
    last one. `average`: the means of scores and of deductions, under the last one's number.
    """
    ordered = sorted(attempts, key=lambda attempt: attempt.number)
    if not ordered:
        return None
    if policy is AttemptPolicy.BEST:
        return max(ordered, key=lambda attempt: (attempt.score - attempt.deduction, -attempt.number))
    if policy is AttemptPolicy.LATEST:
        return ordered[-1]
    scores, deductions = ([getattr(attempt, name) for attempt in ordered] for name in ("score", "deduction"))
    return AttemptScore(ordered[-1].number, _mean(scores), _mean(deductions))


def _mean(points: list[Decimal]) -> Decimal:
    exact = sum((Fraction(value) for value in points), Fraction(0)) / len(points)
    return round_half_up(exact, AVERAGE_PLACES)


def scaled(score: Decimal, *, possible: Decimal, worth: Decimal) -> Decimal:
    """Return points in an assignment's own worth: 8 of 20, where it is worth 100, are 40."""
    if possible == worth:
        return score
    if possible == ZERO:
        return ZERO
    (earned, parts), (most, most_parts) = score.as_integer_ratio(), possible.as_integer_ratio()
    whole, whole_parts = worth.as_integer_ratio()
    return _rounded(earned * whole * most_parts, parts * whole_parts * most, AVERAGE_PLACES)
