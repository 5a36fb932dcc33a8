"""Flags against the truth of a simulated term: the yardstick itself, and that the rules measure up to it."""

import numpy as np
import polars as pl
import pytest

from ops.bench.flags import (
    area_under_curve,
    concept_verdicts,
    figures_of,
    measured,
    missed_goals,
    risk_verdicts,
    table,
)
from ops.bench.simulated_term import Term, answers_until, end_of_week, live_term, true_mastery


@pytest.fixture(scope="module")
def term() -> Term:
    return live_term(0, students=200, weeks=14, seed=5)


def test_the_area_is_one_for_a_perfect_order_half_for_ties_and_nought_for_the_reverse() -> None:
    true = pl.Series([False, False, True, True])
    assert area_under_curve(pl.Series([0.1, 0.2, 0.3, 0.4]), true) == 1.0
    assert area_under_curve(pl.Series([0.5, 0.5, 0.5, 0.5]), true) == 0.5
    assert area_under_curve(pl.Series([0.4, 0.3, 0.2, 0.1]), true) == 0.0
    assert area_under_curve(pl.Series([0.4, 0.3]), pl.Series([True, True])) == 0.5


def test_precision_is_of_the_flagged_and_recall_of_the_true() -> None:
    verdicts = pl.DataFrame(
        {
            "flagged": [True, True, False, False, False],
            "is_true": [True, False, True, True, False],
            "score": [0.9, 0.8, 0.7, 0.2, 0.1],
        }
    )
    figures = figures_of("concept", 6, verdicts)
    assert (figures.judged, figures.flagged, figures.base_rate) == (5, 2, 0.6)
    assert (figures.precision, figures.recall) == (0.5, pytest.approx(1 / 3))


def test_no_answer_of_a_later_week_is_known(term: Term) -> None:
    known = answers_until(term, 6)
    assert known["answered_at"].max() < end_of_week(term, 6)
    assert answers_until(term, 7).height > known.height
    assert set(known["answer_id"]) <= set(answers_until(term, 7)["answer_id"])


def test_the_truth_is_a_percent_and_follows_ability(term: Term) -> None:
    truth = true_mastery(term, 9)
    assert truth["true_percent"].is_between(0, 100).all()
    means = truth.group_by("student_id").agg(pl.col("true_percent").mean())
    ability = {
        str(row): level for row, level in zip(term.students, term.traits.ability.mean(axis=1), strict=True)
    }
    pairs = np.array(
        [[ability[student], percent] for student, percent in means.sort("student_id").iter_rows()]
    )
    assert np.corrcoef(pairs.T)[0, 1] > 0.8


@pytest.mark.parametrize("week", [6, 9, 12])
def test_the_truth_is_what_students_then_get_right(term: Term, week: int) -> None:
    """What is known at a week's end shows in the answers of the next, which themselves teach a little more."""
    answers = answers_until(term, week + 1).filter(pl.col("answered_at") > end_of_week(term, week))
    practised = answers.with_columns(concept_id=pl.col("concept_ids").list.first())
    both = practised.join(true_mastery(term, week), on=["student_id", "concept_id"])
    assert both.height > 100
    assert both["true_percent"].mean() == pytest.approx(100 * both["outcome"].mean(), abs=5)


def test_flags_beat_a_plain_ratio_and_say_so(term: Term) -> None:
    figures = measured([term])
    assert missed_goals(figures) == []
    assert len(table(figures)) == 2 + 4 * 3


def test_a_missed_goal_is_named(term: Term) -> None:
    figures = measured([term])
    worse = [
        figure if figure.flag != "at risk" else figures_of("at risk", figure.week, _coin_flips())
        for figure in figures
    ]
    assert len(missed_goals(worse)) == 3


def _coin_flips() -> pl.DataFrame:
    return pl.DataFrame({"flagged": [True, True], "is_true": [True, False], "score": [0.5, 0.5]})


def test_only_students_with_enough_counted_work_are_judged(term: Term) -> None:
    assert risk_verdicts(term, 1).is_empty()
    assert risk_verdicts(term, 6)["score"].null_count() == 0


def test_concept_verdicts_are_one_per_student_and_concept_answered(term: Term) -> None:
    answered = answers_until(term, 6).select("student_id", "concept_ids").explode("concept_ids").unique()
    assert concept_verdicts(term, 6).height <= answered.height
