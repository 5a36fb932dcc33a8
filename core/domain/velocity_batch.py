"""Learning velocity of a whole district at once: the rules of `velocity` over frames, in one pass."""

from datetime import timedelta

import polars as pl

from core.domain.calibration import Calibration
from core.domain.mastery import SECURE
from core.domain.mastery_batch import codes_of, judged_answers
from core.domain.velocity import (
    ANSWERS_PER_STEP,
    CLEAR_STANDARD_ERRORS,
    FALLING,
    MAXIMUM_ANSWERS,
    MINIMUM_ANSWERS,
    PRIOR_WEIGHT,
    RISING,
    SCHOOL_WEEKS,
    STEADY,
)

NOT_ENOUGH_EVIDENCE = "not_enough_evidence"


def level_trends(answers: pl.DataFrame, calibration: Calibration) -> pl.DataFrame:
    """Return one row per student: answer_count (at most 200), slope and standard_error (null under forty), direction.

    `answers` are those of `calibration`; slopes in logits per ten answers, as `velocity.level_trend` has them.
    """
    codes = codes_of(answers, calibration)
    recent = (
        judged_answers(answers, codes)
        .group_by("student", maintain_order=True)
        .tail(MAXIMUM_ANSWERS)
        .with_columns(place=pl.int_range(pl.len()).over("student") / ANSWERS_PER_STEP)
    )
    centre = (pl.col("variance") * pl.col("place")).sum() / pl.col("variance").sum()
    centres = recent.group_by("student", maintain_order=True).agg(centre.alias("centre"))
    distance = pl.col("place") - pl.col("centre")
    sums = (
        recent.join(centres, on="student", how="left", maintain_order="left")
        .with_columns(pull=distance * pl.col("residual"), weight=pl.col("variance") * distance * distance)
        .group_by("student", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("answer_count"), pl.col("pull").sum(), pl.col("weight").sum())
    )
    return (
        sums.with_columns(**_ridge_slope())
        .with_columns(direction=_direction())
        .join(codes.students, on="student")
        .select("student_id", "answer_count", "slope", "standard_error", "direction")
        .sort("student_id")
    )


def secured_per_week(history: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Return secured_counts (the last four school weeks, oldest first) and secured_per_week for every student.

    `history` is `mastery_history`. A concept counts in the week in which it became secure for good: it has been
    secure on every day since. A school week (Monday to Sunday, UTC) is one in which anybody in the district answered,
    so that nobody slows down over a holiday.
    """
    weeks = _school_weeks(answers)
    students = answers.select("student_id").unique()
    grid = students.join(pl.DataFrame({"week": weeks}, schema={"week": pl.Date()}), how="cross")
    secured = _secured(history).group_by("student_id", "week").len("secured")
    return (
        grid.join(secured, on=["student_id", "week"], how="left")
        .sort("student_id", "week")
        .group_by("student_id", maintain_order=True)
        .agg(pl.col("secured").fill_null(0).cast(pl.Int64).alias("secured_counts"))
        .with_columns(secured_per_week=pl.col("secured_counts").list.mean())
    )


def class_trends(trends: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Return one row per class of `places` (school_id, class_id, student_id): median and quartiles of the slopes.

    Columns: school_id, class_id, student_count (with a trend), median_slope, lower_quartile and upper_quartile (null
    under two trends), rising_count, falling_count.
    """
    slopes = pl.col("slope").drop_nulls()
    spread = slopes.len() > 1
    return (
        places.join(trends, on="student_id", how="left")
        .sort("class_id", "student_id")
        .group_by("school_id", "class_id", maintain_order=True)
        .agg(
            slopes.len().cast(pl.Int64).alias("student_count"),
            slopes.median().alias("median_slope"),
            pl.when(spread).then(slopes.quantile(0.25, "linear")).alias("lower_quartile"),
            pl.when(spread).then(slopes.quantile(0.75, "linear")).alias("upper_quartile"),
            (pl.col("direction") == RISING).sum().cast(pl.Int64).alias("rising_count"),
            (pl.col("direction") == FALLING).sum().cast(pl.Int64).alias("falling_count"),
        )
        .sort("class_id")
    )


def _ridge_slope() -> dict[str, pl.Expr]:
    enough = pl.col("answer_count") >= MINIMUM_ANSWERS
    weight = pl.col("weight") + PRIOR_WEIGHT
    return {
        "slope": pl.when(enough).then(pl.col("pull") / weight),
        "standard_error": pl.when(enough).then(1.0 / weight.sqrt()),
    }


def _direction() -> pl.Expr:
    is_steady = pl.col("slope").abs() <= CLEAR_STANDARD_ERRORS * pl.col("standard_error")
    return (
        pl.when(pl.col("slope").is_null())
        .then(pl.lit(NOT_ENOUGH_EVIDENCE))
        .when(is_steady)
        .then(pl.lit(STEADY))
        .when(pl.col("slope") > 0)
        .then(pl.lit(RISING))
        .otherwise(pl.lit(FALLING))
    )


def _monday(day: pl.Expr) -> pl.Expr:
    return day - (day.dt.weekday() - 1) * pl.lit(timedelta(days=1))


def _school_weeks(answers: pl.DataFrame) -> pl.Series:
    weeks = answers.select(week=_monday(pl.col("answered_at").dt.date()))["week"].unique().sort()
    return weeks.tail(SCHOOL_WEEKS)


def _secured(history: pl.DataFrame) -> pl.DataFrame:
    """Return student_id and week of each concept that is secure now: of the first day since the last insecure one."""
    pair = ["student_id", "concept_id"]
    is_secure = pl.col("band") == SECURE
    last_insecure = pl.col("day").filter(~is_secure).max().over(pair)
    since = history.filter(is_secure & (last_insecure.is_null() | (pl.col("day") > last_insecure)))
    return since.group_by(pair).agg(pl.col("day").min()).select("student_id", week=_monday(pl.col("day")))
