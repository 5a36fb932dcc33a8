import math

import polars as pl
import pytest

from core.domain.calibration import (
    calibrate,
    concept_rate,
    mean_of,
    prior_rate,
    question_rate,
    rates_for,
)
from core.domain.logistic import logit

# 8 answers, 5 right: m = 0.625
ROWS = [
    ("ana", "q1", ["fractions"], 0, 1.0),
    ("ben", "q1", ["fractions"], 0, 1.0),
    ("cem", "q1", ["fractions"], 0, 0.0),
    ("ana", "q2", ["fractions", "decimals"], 1, 0.0),
    ("ben", "q2", ["fractions", "decimals"], 1, 0.0),
    ("ana", "q3", ["decimals"], 2, 1.0),
    ("ben", "q3", ["decimals"], 2, 1.0),
    ("cem", "q4", [], 3, 1.0),
]


def rates(frame: pl.DataFrame, key: str) -> dict[str, float]:
    return dict(zip(frame[key].to_list(), frame["rate"].to_list(), strict=True))


def test_rates_are_the_ones_computed_by_hand(answer_frame) -> None:
    calibration = calibrate(answer_frame(ROWS), version="v1")
    fractions, decimals = (2 + 12.5) / 25, (2 + 12.5) / 24
    assert calibration.mean_outcome == 0.625
    assert rates(calibration.concepts, "concept_id") == pytest.approx(
        {"fractions": fractions, "decimals": decimals}
    )
    both = 1 / (1 + math.exp(-(logit(fractions) + logit(decimals)) / 2))
    assert rates(calibration.questions, "question_id") == pytest.approx(
        {
            "q1": (2 + 10 * fractions) / 13,
            "q2": (0 + 10 * both) / 12,
            "q3": (2 + 10 * decimals) / 12,
            "q4": (1 + 10 * 0.625) / 11,
        }
    )


def test_the_numbers_and_the_frame_follow_one_formula(answer_frame) -> None:
    calibration = calibrate(answer_frame(ROWS), version="v1")
    mean = mean_of(5.0, 8)
    fractions = concept_rate(2.0, 5, mean)
    decimals = concept_rate(2.0, 4, mean)
    expected = {
        "q1": question_rate(2.0, 3, prior_rate([fractions], mean=mean)),
        "q2": question_rate(0.0, 2, prior_rate([fractions, decimals], mean=mean)),
        "q3": question_rate(2.0, 2, prior_rate([decimals], mean=mean)),
        "q4": question_rate(1.0, 1, prior_rate([], mean=mean)),
    }
    assert rates(calibration.questions, "question_id") == pytest.approx(expected, abs=1e-12)


def test_the_mean_easiness_of_a_concept_is_over_its_questions(answer_frame) -> None:
    calibration = calibrate(answer_frame(ROWS), version="v1")
    easiness = dict(calibration.questions.select("question_id", "easiness").iter_rows())
    means = dict(calibration.concepts.select("concept_id", "mean_easiness").iter_rows())
    assert means["fractions"] == pytest.approx((easiness["q1"] + easiness["q2"]) / 2)
    assert means["decimals"] == pytest.approx((easiness["q2"] + easiness["q3"]) / 2)


def catalogue(*rows: tuple[str, list[str], str | None]) -> pl.DataFrame:
    schema = {"question_id": pl.String, "concept_ids": pl.List(pl.String), "difficulty": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_an_unanswered_question_takes_its_concepts_rate_shifted_by_the_teachers_word(answer_frame) -> None:
    bank = catalogue(
        ("e", ["fractions"], "easy"),
        ("m", ["fractions"], "medium"),
        ("h", ["fractions"], "hard"),
        ("x", ["fractions"], None),
        ("unheard", ["geometry"], "easy"),
    )
    calibration = calibrate(answer_frame(ROWS), version="v1", questions=bank)
    rate = rates(calibration.questions, "question_id")
    fractions = 14.5 / 25
    assert rate["m"] == rate["x"] == pytest.approx(fractions)
    assert logit(rate["e"]) == pytest.approx(logit(fractions) + 0.8)
    assert logit(rate["h"]) == pytest.approx(logit(fractions) - 0.8)
    assert logit(rate["unheard"]) == pytest.approx(logit(0.625) + 0.8)
    assert prior_rate([fractions], mean=0.625, difficulty="hard") == pytest.approx(rate["h"])


def test_a_bank_nobody_answered_moves_no_other_number(answer_frame) -> None:
    answers = answer_frame(ROWS)
    bank = catalogue(*[(f"new{i}", ["fractions"], "hard") for i in range(50)])
    plain, with_bank = calibrate(answers, version="v1"), calibrate(answers, version="v1", questions=bank)
    assert with_bank.concepts.equals(plain.concepts)
    assert with_bank.questions.filter(pl.col("answer_count") > 0).equals(plain.questions)


def test_answers_outweigh_the_teachers_word(answer_frame) -> None:
    rows = [(f"s{i}", "q", ["fractions"], 0, 1.0 if i % 2 else 0.0) for i in range(1000)]
    easy = calibrate(answer_frame(rows), version="v1", questions=catalogue(("q", ["fractions"], "easy")))
    assert easy.questions["rate"].item() == pytest.approx(0.5, abs=0.005)


def test_an_unknown_difficulty_is_refused(answer_frame) -> None:
    with pytest.raises(pl.exceptions.InvalidOperationError):
        calibrate(answer_frame(ROWS), version="v1", questions=catalogue(("q1", ["fractions"], "brutal")))
    with pytest.raises(KeyError):
        prior_rate([0.5], mean=0.5, difficulty="brutal")


@pytest.mark.parametrize(
    ("outcome_sum", "count", "mean"), [(0, 0, 0.5), (0, 9, 0.01), (9, 9, 0.99), (3, 4, 0.75)]
)
def test_the_mean_stays_where_a_logit_is_finite(outcome_sum: float, count: int, mean: float) -> None:
    assert mean_of(outcome_sum, count) == mean


def test_a_district_without_answers_has_rates_for_nothing_and_no_opinion(answer_frame) -> None:
    calibration = calibrate(answer_frame([]), version="v1")
    assert calibration.mean_outcome == 0.5
    assert calibration.concepts.is_empty()
    assert calibration.questions.is_empty()


def test_the_order_of_the_rows_does_not_change_a_bit(answer_frame) -> None:
    rows = [
        (f"s{i % 17}", f"q{i % 7}", [f"c{i % 7 % 3}", "all"], i, (i * 37 % 101) / 100) for i in range(500)
    ]
    answers = answer_frame(rows)
    first = calibrate(answers, version="v1")
    for seed in range(3):
        again = calibrate(answers.sample(fraction=1, shuffle=True, seed=seed), version="v1")
        assert again.mean_outcome == first.mean_outcome
        assert again.concepts.equals(first.concepts)
        assert again.questions.equals(first.questions)


def test_a_question_newer_than_the_calibration_gets_its_prior(answer_frame) -> None:
    calibration = calibrate(answer_frame(ROWS), version="v1")
    tonight = answer_frame([("ana", "new", ["fractions"], 9, 1.0), ("ana", "newer", ["geometry"], 9, 1.0)])
    rate = rates(rates_for(tonight, calibration), "question_id")
    assert rate["new"] == pytest.approx(14.5 / 25)
    assert rate["newer"] == pytest.approx(0.625)
