"""Students at risk, a whole district at once: the rule of `risk` over a frame of signals.

The frame has one row per student and class with the fields of `risk.RiskSignals` as columns (percents as decimals,
null where unknown) and previous_level, the level shown until now.
"""

from functools import reduce

import polars as pl

from core.domain.logistic import logistic_of
from core.domain.risk import (
    FLAGGED_GRADE,
    FLAGGED_MISSING_SHARE,
    HYSTERESIS,
    INTERCEPT,
    LATE_WORK,
    LEVELS,
    LOW_STANDING,
    MINIMUM_COUNTED_ASSIGNMENTS,
    MISSING_WORK,
    NO_RISK,
    NOT_ENOUGH_EVIDENCE,
    SILENCE,
    SILENCE_CAP,
    SILENCE_DAYS,
)

_GRADE_LIMITS = (40, 60, 70)


def assess(signals: pl.DataFrame) -> pl.DataFrame:
    """Return `signals` with probability (0-1, null before two counted assignments), level and reasons added."""
    is_judged = pl.col("counted_assignments") >= MINIMUM_COUNTED_ASSIGNMENTS
    level = pl.when(has_absolute_reason()).then(_level()).otherwise(pl.lit(NO_RISK))
    return (
        signals.with_columns(missing_share=_missing_share())
        .with_columns(probability=pl.when(is_judged).then(_probability()))
        .with_columns(
            level=pl.when(is_judged).then(level).otherwise(pl.lit(NOT_ENOUGH_EVIDENCE)),
            reasons=pl.when(is_judged).then(_reasons()).otherwise(pl.lit([], pl.List(pl.String))),
        )
        .drop("missing_share")
    )


def class_standing(grades: pl.DataFrame) -> pl.DataFrame:
    """Return `grades` (class_id, grade_percent, …) with class_percentile, as `risk.class_percentiles` has it."""
    rank = pl.col("grade_percent").rank("average")
    standing = (2 * rank - 1) / (2 * pl.col("grade_percent").count())
    return grades.with_columns(class_percentile=standing.over("class_id"))


def has_absolute_reason() -> pl.Expr:
    """The expression of `risk.has_absolute_reason`; needs missing_share."""
    is_low = (pl.col("grade_percent") < pl.lit(FLAGGED_GRADE)).fill_null(value=False)
    return is_low | (pl.col("missing_share") >= FLAGGED_MISSING_SHARE)


def _missing_share() -> pl.Expr:
    is_counted = pl.col("counted_assignments") > 0
    share = pl.col("missing_assignments") / pl.col("counted_assignments")
    return pl.when(is_counted).then(share).otherwise(0.0)


def _probability() -> pl.Expr:
    silence = (pl.col("days_since_hand_in") / SILENCE_DAYS).clip(upper_bound=SILENCE_CAP)
    return logistic_of(
        INTERCEPT
        + LOW_STANDING * (1.0 - pl.col("class_percentile").fill_null(0.0))
        + MISSING_WORK * pl.col("missing_share")
        + LATE_WORK * pl.col("has_late_work").cast(pl.Float64)
        + SILENCE * silence.fill_null(SILENCE_CAP)
    )


def _level() -> pl.Expr:
    """Each level in turn takes over from the lower one; those held so far are left 0.1 below their threshold."""
    names = [name for name, _ in LEVELS]
    held = pl.col("previous_level").replace_strict(
        {name: rank for rank, name in enumerate(names)}, default=-1, return_dtype=pl.Int64
    )

    def raised(level: pl.Expr, rank: int) -> pl.Expr:
        name, threshold = LEVELS[rank]
        needed = pl.when(held >= rank).then(threshold - HYSTERESIS).otherwise(threshold)
        return pl.when(pl.col("probability") >= needed).then(pl.lit(name)).otherwise(level)

    return reduce(raised, range(len(LEVELS)), pl.lit(NO_RISK))


def _reasons() -> pl.Expr:
    """The sentences of `risk.reasons`, in its order."""
    sentences = (
        _sentence(pl.col("is_last_counted_missing"), "The last counted assignment is missing."),
        _missing_reason(),
        _grade_reason(),
        _handed_in_reason(),
        _sentence(pl.col("has_late_work"), "Some work came late."),
        _silence_reason(),
        _prerequisite_reason(),
        _sentence(pl.col("is_answering_too_fast"), "Answers far faster than others; may be guessing."),
    )
    return pl.concat_list(sentences).list.drop_nulls()


def _sentence(condition: pl.Expr, sentence: str) -> pl.Expr:
    return pl.when(condition).then(pl.lit(sentence))


def _missing_reason() -> pl.Expr:
    share = pl.col("missing_share")
    counts = (pl.col("missing_assignments"), pl.col("counted_assignments"))
    most, many = (
        pl.format(words + " of the counted work is missing ({} of {}).", *counts)
        for words in ("Two thirds or more", "A third or more")
    )
    return pl.when(share >= 2 / 3).then(most).when(share >= FLAGGED_MISSING_SHARE).then(many)


def _grade_reason() -> pl.Expr:
    grade = pl.col("grade_percent")
    under = [
        pl.when(grade < limit).then(
            pl.format(f"The current grade is under {limit} ({{}} %).", _plain("grade_percent"))
        )
        for limit in _GRADE_LIMITS
    ]
    return pl.coalesce(under)


def _handed_in_reason() -> pl.Expr:
    words = "The average of handed-in work is under 60 ({} %)."
    return pl.when(pl.col("handed_in_average") < 60).then(pl.format(words, _plain("handed_in_average")))


def _silence_reason() -> pl.Expr:
    days = pl.col("days_since_hand_in")
    weeks = pl.format("Nothing has been handed in for {} weeks.", (days / 7).floor().cast(pl.Int64))
    return (
        pl.when(days.is_null())
        .then(pl.lit("Nothing has been handed in yet."))
        .when(days >= SILENCE_DAYS)
        .then(weeks)
    )


def _prerequisite_reason() -> pl.Expr:
    count = pl.col("struggling_prerequisites")
    noun = pl.when(count == 1).then(pl.lit("concept")).otherwise(pl.lit("concepts"))
    return pl.when(count > 0).then(pl.format("Struggling on {} prerequisite {}.", count, noun))


def _plain(name: str) -> pl.Expr:
    """A decimal without the zeros its column carries."""
    return pl.col(name).cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
