"""Time at work on an assignment, beside what is usual in the class."""

import polars as pl

MINIMUM_STUDENTS_FOR_NORM = 5  # of fewer, one slow child is the norm


def time_on_task(attempts: pl.DataFrame) -> pl.DataFrame:
    """Return one row per student and assignment begun, by class_id, assignment_id and student_id.

    `attempts`: one row per attempt with school_id, class_id, assignment_id, student_id, active_ms, is_accommodated.

    Columns: the ids, attempt_count, active_ms (over all attempts), is_accommodated, norm_ms (median over the students
    without accommodations who have worked on it; null under five), norm_count, share_of_norm (null without a norm).
    """
    keys = ["school_id", "class_id", "assignment_id"]
    own = attempts.group_by(*keys, "student_id").agg(
        pl.len().cast(pl.Int64).alias("attempt_count"),
        pl.col("active_ms").sum(),
        pl.col("is_accommodated").any(),
    )
    usual = own.filter(~pl.col("is_accommodated") & (pl.col("active_ms") > 0))
    norms = usual.group_by(keys).agg(
        pl.len().cast(pl.Int64).alias("norm_count"), pl.col("active_ms").median().alias("median_ms")
    )
    has_norm = pl.col("norm_count") >= MINIMUM_STUDENTS_FOR_NORM
    return (
        own.join(norms, on=keys, how="left")
        .with_columns(pl.col("norm_count").fill_null(0), norm_ms=pl.when(has_norm).then("median_ms"))
        .with_columns(share_of_norm=pl.col("active_ms") / pl.col("norm_ms"))
        .drop("median_ms")
        .sort("class_id", "assignment_id", "student_id")
    )
