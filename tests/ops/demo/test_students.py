"""Do the numbers a teacher would see agree with what the simulation knows about its students?"""

import polars as pl
import pytest

from core.domain.calibration import calibrate
from core.domain.mastery_batch import mastery_by_concept
from ops.demo.world import SimulatedDistrict
from tests.ops.demo.conftest import NOW


def share_right(district: SimulatedDistrict) -> pl.DataFrame:
    """Per student: the share of points earned at first attempts, beside the truth."""
    attempts = district.tables["student_submissions"].filter(pl.col("attempt_number") == 1)
    answers = district.tables["student_answers"].join(
        attempts, left_on="submission_id", right_on="id", how="semi"
    )
    earned = answers.drop_nulls("score").group_by("student_id")
    shares = earned.agg(share=pl.col("score").sum() / pl.col("possible").sum(), answers=pl.len())
    return shares.join(district.truth, on="student_id").with_columns(
        ability=pl.mean_horizontal("mathematics_ability", "science_ability")
    )


@pytest.fixture(scope="module")
def mastery(big_district: SimulatedDistrict) -> pl.DataFrame:
    tables = big_district.tables
    concepts = (
        tables["question_concepts"].group_by("question_id").agg(concept_ids=pl.col("concept_id").sort())
    )
    attempts = tables["student_submissions"].select("attempt_number", submission_id="id")
    answers = (
        tables["student_answers"]
        .drop_nulls("score")
        .join(concepts, on="question_id")
        .join(attempts, on="submission_id")
        .with_columns(
            answer_id="id",
            outcome=pl.col("score") / pl.col("possible"),
            answered_at=pl.col("answered_at").cast(pl.Datetime("us", "UTC")),
        )
    )
    return mastery_by_concept(answers, calibrate(answers, version="test"), as_of=NOW)


def test_able_students_get_more_right(big_district: SimulatedDistrict) -> None:
    shares = share_right(big_district)
    assert shares.select(pl.corr("share", "ability", method="spearman")).item() > 0.7


def test_some_students_earn_little_and_most_do_not(big_district: SimulatedDistrict) -> None:
    earns_little = (share_right(big_district)["share"] < 0.6).mean()
    assert 0.03 < earns_little < 0.3


def test_the_product_would_flag_some_students_and_spare_most(mastery: pl.DataFrame) -> None:
    flagged = mastery.group_by("student_id").agg((pl.col("band") == "struggling").any())
    assert 0.03 < flagged["band"].mean() < 0.35


def test_flagged_students_are_truly_weaker(mastery: pl.DataFrame, big_district: SimulatedDistrict) -> None:
    flagged = mastery.group_by("student_id").agg(flagged=(pl.col("band") == "struggling").any())
    judged = flagged.join(share_right(big_district), on="student_id")
    ability = dict(judged.group_by("flagged").agg(pl.col("ability").mean()).iter_rows())
    assert ability[True] < ability[False] - 0.7


def test_disengaged_students_hand_in_less(big_district: SimulatedDistrict) -> None:
    shares = share_right(big_district)
    disengaged = shares.filter(pl.col("engagement") < 0.6)["answers"].mean()
    engaged = shares.filter(pl.col("engagement") > 0.9)["answers"].mean()
    assert disengaged < 0.8 * engaged


def test_questions_meant_to_be_hard_are_answered_worse(big_district: SimulatedDistrict) -> None:
    answers = big_district.tables["student_answers"].drop_nulls("score")
    questions = big_district.tables["questions"].select("difficulty", question_id="id")
    shares = answers.join(questions, on="question_id").group_by("difficulty")
    right = dict(shares.agg(pl.col("score").sum() / pl.col("possible").sum()).iter_rows())
    assert right["easy"] > right["medium"] + 0.03 > right["hard"] + 0.06


def test_guessing_is_fast_and_mostly_wrong(big_district: SimulatedDistrict) -> None:
    choices = big_district.tables["student_answers"].filter(pl.col("answer").str.contains("option_id"))
    fast = choices.filter(pl.col("time_spent_ms") < 3_000)
    assert fast.height > 50
    assert fast["is_correct"].mean() < 0.4 < choices["is_correct"].mean()


def test_some_work_is_late_missing_unfinished_or_repeated(big_district: SimulatedDistrict) -> None:
    tables = big_district.tables
    attempts = tables["student_submissions"].join(
        tables["assignments"], left_on="assignment_id", right_on="id"
    )
    assert 0.02 < attempts.select((pl.col("submitted_at") > pl.col("due_at")).mean()).item() < 0.3
    assert 0.0 < (attempts["status"] == "in_progress").mean() < 0.1
    assert 0.02 < (attempts["attempt_number"] == 2).mean() < 0.3
    expected = (
        tables["assignments"]
        .join(tables["class_enrollments"], on="class_id")
        .filter(pl.col("status_right") == "approved")
    )
    done = attempts.select("assignment_id", "student_id").unique().height
    assert 0.75 < done / expected.height < 0.98
