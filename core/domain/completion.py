"""Where students stand with what they were set: one word per student and assignment, and what follows for a class.

`work` is a frame with one row per approved student and assignment: school_id, class_id, assignment_id, student_id,
class_due_at, due_at (the student's own; null: none), handed_in_at (newest; null: never), attempt_count, grade_status,
grade_source, percent (decimal), late_seconds, is_excused, is_entered, is_overridden, said_missing (the teacher's word
or null). What belongs to a grade is null where there is none.
"""

from datetime import datetime

import polars as pl

from core.domain.late_work import QUIZ_GRACE_SECONDS

EXCUSED = "excused"
NOT_STARTED = "not_started"
IN_PROGRESS = "in_progress"
SUBMITTED = "submitted"
GRADED = "graded"
STATES = (EXCUSED, NOT_STARTED, IN_PROGRESS, SUBMITTED, GRADED)


def judged_work(work: pl.DataFrame, *, as_of: datetime) -> pl.DataFrame:
    """Return `work` with state (one of STATES), is_due, is_missing and is_late, as the gradebook says them.

    A score that the class's policy gives for work that never came is no work done. What is excused is neither missing
    nor late.
    """
    return work.with_columns(is_due=_is_due(as_of), state=_state()).with_columns(
        is_missing=_is_missing(),
        is_late=(pl.col("late_seconds").fill_null(0) > 0) & ~_flag("is_excused"),
    )


def assignment_completion(judged: pl.DataFrame) -> pl.DataFrame:
    """Return one row per assignment with the number of students in each state, by class_id and assignment_id.

    Columns: school_id, class_id, assignment_id, due_at (the class's), assigned_count, a count per state, late_count,
    missing_count, completion_percent (0-100 of those not excused; null where nobody is left), average_percent and
    median_percent (of the students' percents; null without any).
    """
    states = [_count(pl.col("state") == state).alias(f"{state}_count") for state in STATES]
    percents = pl.when(pl.col("state") == GRADED).then("percent").cast(pl.Float64).drop_nulls().sort()
    counted = judged.group_by("school_id", "class_id", "assignment_id").agg(
        pl.col("class_due_at").first().alias("due_at"),
        pl.len().cast(pl.Int64).alias("assigned_count"),
        *states,
        _count(pl.col("is_late")).alias("late_count"),
        _count(pl.col("is_missing")).alias("missing_count"),
        percents.alias("percents"),
    )
    return (
        counted.with_columns(
            completion_percent=_share_done(pl.col("assigned_count") - pl.col("excused_count")),
            average_percent=pl.col("percents").list.mean(),
            median_percent=pl.col("percents").list.median(),
        )
        .drop("percents")
        .sort("class_id", "assignment_id")
    )


def student_completion(judged: pl.DataFrame) -> pl.DataFrame:
    """Return one row per class and student: what was assigned (excused work left out) and what became of it.

    Columns: class_id, student_id, assigned_count, done_count, missing_count, late_count, completion_percent (null
    where nothing is assigned), last_handed_in_at. A student with nothing but excused work has zeros.
    """
    is_assigned = pl.col("state") != EXCUSED
    return (
        judged.group_by("class_id", "student_id")
        .agg(
            _count(is_assigned).alias("assigned_count"),
            _count(pl.col("state").is_in([SUBMITTED, GRADED])).alias("done_count"),
            _count(is_assigned & pl.col("is_missing")).alias("missing_count"),
            _count(pl.col("is_late")).alias("late_count"),
            pl.col("handed_in_at").max().alias("last_handed_in_at"),
        )
        .with_columns(
            completion_percent=pl.when(pl.col("assigned_count") > 0).then(
                100.0 * pl.col("done_count") / pl.col("assigned_count")
            )
        )
        .sort("class_id", "student_id")
    )


def _is_due(as_of: datetime) -> pl.Expr:
    late_by = (pl.lit(as_of) - pl.col("due_at")).dt.total_microseconds() / 1_000_000
    return (late_by.ceil() > QUIZ_GRACE_SECONDS).fill_null(value=False)


def _state() -> pl.Expr:
    has_work = pl.col("handed_in_at").is_not_null()
    has_grade = (pl.col("grade_status") == "graded") & (pl.col("grade_source") != "missing")
    return (
        pl.when(_flag("is_excused"))
        .then(pl.lit(EXCUSED))
        .when(has_grade)
        .then(pl.lit(GRADED))
        .when(has_work)
        .then(pl.lit(SUBMITTED))
        .when(pl.col("attempt_count") > 0)
        .then(pl.lit(IN_PROGRESS))
        .otherwise(pl.lit(NOT_STARTED))
    )


def _is_missing() -> pl.Expr:
    has_word = _flag("is_excused") | _flag("is_entered") | _flag("is_overridden")
    never_came = ~has_word & pl.col("handed_in_at").is_null() & pl.col("is_due")
    return pl.col("said_missing").fill_null(never_came) & ~_flag("is_excused")


def _flag(name: str) -> pl.Expr:
    return pl.col(name).fill_null(value=False)


def _count(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(value=False).sum().cast(pl.Int64)


def _share_done(expected: pl.Expr) -> pl.Expr:
    done = pl.col("submitted_count") + pl.col("graded_count")
    return pl.when(expected > 0).then(100.0 * done / expected)
