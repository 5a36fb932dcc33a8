from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.grading import (
    CORRECT,
    INCORRECT,
    PARTIALLY_CORRECT,
    PENDING,
    AttemptPolicy,
    AttemptScore,
    QuestionScore,
    attempt_total,
    grade_of_attempts,
    multiple_choice_score,
    percent,
    scaled,
    verdict,
)

points = st.decimals(0, 100, places=4, allow_nan=False)


def score(earned: str | None, possible: str) -> QuestionScore:
    return QuestionScore(None if earned is None else Decimal(earned), Decimal(possible))


def test_the_keyed_option_earns_all_points_and_any_other_none() -> None:
    assert multiple_choice_score("b", correct="b", points=Decimal("2.5")) == Decimal("2.5")
    assert multiple_choice_score("a", correct="b", points=Decimal("2.5")) == 0


@pytest.mark.parametrize(
    ("earned", "possible", "word"),
    [
        ("2", "2", CORRECT),
        ("2.5", "2", CORRECT),
        ("0", "0", CORRECT),
        ("0.0001", "2", PARTIALLY_CORRECT),
        ("0", "2", INCORRECT),
        (None, "2", PENDING),
    ],
)
def test_the_verdict_in_a_word(earned: str | None, possible: str, word: str) -> None:
    item = score(earned, possible)
    assert verdict(item.score, item.possible) == word


@pytest.mark.parametrize(
    ("earned", "possible", "expected"),
    [
        ("2", "3", "66.67"),
        ("1", "3", "33.33"),
        ("93.825", "100", "93.83"),
        ("60.125", "100", "60.13"),
        ("0", "7", "0.00"),
        ("11", "10", "110.00"),
        ("1", "800", "0.13"),
    ],
)
def test_percents_round_half_up_once(earned: str, possible: str, expected: str) -> None:
    result = percent(Decimal(earned), Decimal(possible))
    assert str(result) == expected


def test_nothing_possible_has_no_percent() -> None:
    assert percent(Decimal(5), Decimal(0)) is None


def test_a_policy_may_round_to_other_places() -> None:
    assert percent(Decimal(1), Decimal(8), places=0) == Decimal(13)
    assert str(percent(Decimal(1), Decimal(3), places=4)) == "33.3333"


@given(points)
def test_of_a_hundred_points_the_percent_is_the_rounded_score(earned: Decimal) -> None:
    assert percent(earned, Decimal(100)) == earned.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(points, points, points.filter(lambda value: value > 0))
def test_more_points_never_give_a_lower_percent(one: Decimal, other: Decimal, possible: Decimal) -> None:
    lower, higher = sorted([one, other])
    assert percent(lower, possible) <= percent(higher, possible)


def test_an_attempt_adds_up() -> None:
    total = attempt_total([score("1", "1"), score("0", "1"), score("1.5", "2")])
    assert (total.score, total.possible, total.pending_count) == (Decimal("2.5"), Decimal(4), 0)
    assert total.percent == Decimal("62.50")


def test_while_a_question_waits_there_is_a_score_but_no_percent() -> None:
    total = attempt_total([score("3", "4"), score(None, "2")])
    assert (total.score, total.possible, total.pending_count) == (Decimal(3), Decimal(6), 1)
    assert total.percent is None


def test_an_empty_attempt_is_worth_nothing() -> None:
    total = attempt_total([])
    assert (total.score, total.possible, total.percent) == (0, 0, None)


def test_of_several_attempts_the_best_after_its_own_penalty_stands() -> None:
    late, in_time = AttemptScore(1, Decimal(10), Decimal(3)), AttemptScore(2, Decimal(8))
    assert grade_of_attempts([in_time, late], AttemptPolicy.BEST) == in_time
    assert grade_of_attempts([late, in_time], AttemptPolicy.LATEST) == in_time
    assert grade_of_attempts([], AttemptPolicy.BEST) is None
    equal = [AttemptScore(2, Decimal(8)), AttemptScore(1, Decimal(8))]
    assert grade_of_attempts(equal, AttemptPolicy.BEST) == equal[1]


def test_the_average_of_attempts_is_that_of_scores_and_of_penalties() -> None:
    attempts = [AttemptScore(number, Decimal(score)) for number, score in ((1, 1), (2, 1), (3, 2))]
    found = grade_of_attempts(attempts, AttemptPolicy.AVERAGE)
    assert found == AttemptScore(3, Decimal("1.3333333333"), Decimal(0))


@pytest.mark.parametrize(
    ("score", "possible", "worth", "points"),
    [(8, 20, 100, 40), (8, 20, 20, 8), (3, 0, 10, 0), (1, 3, 1, "0.3333333333")],
)
def test_questions_points_are_scaled_to_what_the_assignment_is_worth(
    score: int, possible: int, worth: int, points: int | str
) -> None:
    found = scaled(Decimal(score), possible=Decimal(possible), worth=Decimal(worth))
    assert found == Decimal(points)
