"""Where each student stands in each class: completion, grades, answers, time and concepts side by side."""

import polars as pl

from core.domain.completion import student_completion
from core.domain.mastery import SECURE, STRUGGLING

PAIR = ["class_id", "student_id"]
ANSWER_COLUMNS = (*PAIR, "concept_ids", "is_first_graded", "outcome", "answered_at")
"""What of the answers is needed."""
_COUNTS = (
    "assigned_count",
    "done_count",
    "missing_count",
    "late_count",
    "attempt_count",
    "answer_count",
    "active_ms",
    "concept_count",
    "secure_count",
    "struggling_count",
)


def student_progress_rows(
    places: pl.DataFrame,
    work: pl.DataFrame,
    *,
    answers: pl.DataFrame,
    grades: pl.DataFrame,
    mastery: pl.DataFrame,
) -> pl.DataFrame:
    """Return the rows of the progress mart: one per place (school_id, class_id, student_id), whatever is known of it.

    `work` is `core.domain.completion.judged_work`; the others are the marts answers, class_grades, concept_mastery.
    """
    grade_columns = ("current_percent", "all_current_percent")
    return (
        places.join(student_completion(work), on=PAIR, how="left")
        .join(_time(work), on=PAIR, how="left")
        .join(_answered(answers), on=PAIR, how="left")
        .join(grades.select(*PAIR, *grade_columns), on=PAIR, how="left")
        .join(_concepts(answers, mastery), on=PAIR, how="left")
        .with_columns(pl.col(_COUNTS).fill_null(0))
    )


def _time(work: pl.DataFrame) -> pl.DataFrame:
    return work.group_by(PAIR).agg(pl.col("attempt_count").sum(), pl.col("active_ms").sum())


def _answered(answers: pl.DataFrame) -> pl.DataFrame:
    """Outcomes are sorted before they are added: equal answers give equal bits."""
    outcomes = pl.col("outcome").filter("is_first_graded").sort()
    return (
        answers.group_by(PAIR)
        .agg(
            pl.col("is_first_graded").sum().cast(pl.Int64).alias("answer_count"),
            outcomes.alias("share_right"),
            pl.col("answered_at").max().alias("last_answered_at"),
        )
        .with_columns(pl.col("share_right").list.mean())
    )


def _concepts(answers: pl.DataFrame, mastery: pl.DataFrame) -> pl.DataFrame:
    """Count a student's concepts among those the class has practised."""
    practised = (
        answers.select("class_id", concept_id="concept_ids").explode("concept_id").drop_nulls().unique()
    )
    pairs = answers.select(PAIR).unique().join(practised, on="class_id")
    bands = mastery.select("student_id", "concept_id", "band")
    known = pairs.join(bands, on=["student_id", "concept_id"], how="inner")
    return known.group_by(PAIR).agg(
        pl.len().cast(pl.Int64).alias("concept_count"),
        (pl.col("band") == SECURE).sum().cast(pl.Int64).alias("secure_count"),
        (pl.col("band") == STRUGGLING).sum().cast(pl.Int64).alias("struggling_count"),
    )
