"""The answers that statistics and mastery are computed from."""

import polars as pl


def first_graded(answers: pl.LazyFrame) -> pl.DataFrame:
    """Return the first graded try per question and attempt, the only one that says what the student knew."""
    return answers.filter(pl.col("is_first_graded")).drop("district_id").collect()


def latest_schools(facts: pl.DataFrame) -> pl.DataFrame:
    """Return student_id and the school_id of the student's latest answer."""
    return facts.sort("answered_at", "answer_id").group_by("student_id").agg(pl.col("school_id").last())
