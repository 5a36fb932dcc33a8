"""What the early warning looks at: signals of one student in one class, from work, grades and answers.

`judged` is what `completion.judged_work` returns: one row per approved student and assignment.
"""

from datetime import datetime

import polars as pl

from core.domain.completion import EXCUSED, GRADED
from core.domain.grading import percent
from core.domain.mastery import STRUGGLING

PAIR = ["class_id", "student_id"]
HURRIED_SHARE_OF_MEDIAN = 0.35  # of a minute others take, twenty seconds: hardly time to read
HURRIED_SHARE_RIGHT = 0.35  # blind guessing among four options gets a quarter
HURRIED_ANSWERS = 10  # fewer may be one easy quiz
_MICROSECONDS_PER_DAY = 86_400_000_000


def work_signals(judged: pl.DataFrame, *, latest: datetime | None) -> pl.DataFrame:
    """Return class_id, student_id and what their assignments say, sorted by both.

    Counted is what is due, graded or called missing, and not excused. The last of it is the one with the latest due
    date of the student's own. days_since_hand_in ends with `latest`, the district's newest hand-in or answer, and not
    with the clock: in the holidays nobody falls silent.
    """
    is_counted = (pl.col("state") != EXCUSED) & (
        pl.col("is_due") | (pl.col("state") == GRADED) | pl.col("is_missing")
    )
    counted_missing = pl.col("is_missing").filter(is_counted)
    silence = pl.lit(latest, pl.Datetime("us", "UTC")) - pl.col("handed_in_at").max()
    return (
        judged.sort(*PAIR, pl.coalesce("due_at", "handed_in_at"), "assignment_id", nulls_last=False)
        .group_by(PAIR, maintain_order=True)
        .agg(
            is_counted.sum().cast(pl.Int64).alias("counted_assignments"),
            counted_missing.sum().cast(pl.Int64).alias("missing_assignments"),
            counted_missing.last().fill_null(value=False).alias("is_last_counted_missing"),
            pl.col("is_late").any().alias("has_late_work"),
            (silence.dt.total_microseconds() / _MICROSECONDS_PER_DAY).alias("days_since_hand_in"),
        )
    )


def handed_in_averages(judged: pl.DataFrame, grades: pl.DataFrame) -> pl.DataFrame:
    """Return class_id, student_id and handed_in_average: the points earned of those possible, in percent.

    Only graded work that came counts, never what was set for work that is missing. `grades` holds class_id,
    student_id, assignment_id, score and possible as decimals; the quotient is rounded once, half up, to two places.
    """
    came = judged.filter((pl.col("state") == GRADED) & ~pl.col("is_missing")).select(*PAIR, "assignment_id")
    sums = (
        came.join(grades.drop_nulls("score"), on=[*PAIR, "assignment_id"])
        .group_by(PAIR)
        .agg(pl.col("score", "possible").sum())
    )
    averages = [percent(score, possible) for score, possible in sums.select("score", "possible").iter_rows()]
    column = pl.Series("handed_in_average", averages, pl.Decimal(38, 10))
    return sums.select(PAIR).with_columns(column)


def struggling_prerequisites(
    places: pl.DataFrame, mastery: pl.DataFrame, class_prerequisites: pl.DataFrame
) -> pl.DataFrame:
    """Return class_id, student_id and struggling_prerequisites of those who struggle with any.

    `class_prerequisites`: class_id and concept_id of what a concept of the class builds on directly.
    """
    struggles = mastery.filter(pl.col("band") == STRUGGLING).select("student_id", "concept_id")
    return (
        places.select(PAIR)
        .join(struggles, on="student_id")
        .join(class_prerequisites.unique(), on=["class_id", "concept_id"], how="semi")
        .group_by(PAIR)
        .agg(pl.len().cast(pl.Int64).alias("struggling_prerequisites"))
    )


def hurried(answers: pl.DataFrame, statistics: pl.DataFrame) -> pl.DataFrame:
    """Return class_id and student_id of those who seem to guess, with is_answering_too_fast true.

    `answers`: first graded answers to multiple choice, with class_id, student_id, question_id, outcome and
    time_spent_ms; `statistics`: question_id and median_time_ms. Too fast is a median share of the question's median
    time under 0.35 over at least ten answers of which at most 35 % are right: a quick student who is right is quick.
    """
    shares = answers.join(statistics.filter(pl.col("median_time_ms") > 0), on="question_id").with_columns(
        share=pl.col("time_spent_ms") / pl.col("median_time_ms")
    )
    found = shares.group_by(PAIR).agg(
        pl.len().alias("count"),
        pl.col("share").median(),
        pl.col("outcome").sort().alias("outcomes"),
    )
    return found.filter(
        (pl.col("count") >= HURRIED_ANSWERS)
        & (pl.col("share") < HURRIED_SHARE_OF_MEDIAN)
        & (pl.col("outcomes").list.mean() <= HURRIED_SHARE_RIGHT)
    ).select(*PAIR, is_answering_too_fast=pl.lit(value=True))
