"""What was handed in of a simulated term until a week, as the early warning sees it, and what came of it later."""

from decimal import Decimal

import polars as pl

from core.domain.completion import GRADED, NOT_STARTED
from core.domain.risk import NO_RISK
from core.domain.risk_batch import assess, class_standing
from core.domain.risk_signals import PAIR, handed_in_averages, work_signals
from ops.bench.simulated_term import Term, end_of_week

_PERCENT = pl.Decimal(38, 10)


def risk_at(term: Term, week: int) -> pl.DataFrame:
    """Return class_id, student_id, probability and level at the end of a week, by the shipped rule.

    Grades are the share of all points due so far, missing work counting nothing, the first attempt that was handed in
    counting. Nobody has been flagged before. Signals of answers (haste, prerequisites) only give sentences and are
    left out.
    """
    work = _work(term, until=term.semester.week_start(week)).filter(
        pl.col("due") < term.semester.week_start(week)
    )
    judged = work.with_columns(
        state=pl.when("is_missing").then(pl.lit(NOT_STARTED)).otherwise(pl.lit(GRADED)),
        is_due=pl.lit(value=True),
        due_at=_moment("due"),
        handed_in_at=_moment("handed_in"),
    )
    signals = (
        work_signals(judged, latest=end_of_week(term, week))
        .join(_standings(judged), on=PAIR, how="left")
        .join(handed_in_averages(judged, _grades(judged)), on=PAIR, how="left")
        .with_columns(
            previous_level=pl.lit(NO_RISK),
            struggling_prerequisites=pl.lit(0, pl.Int64),
            is_answering_too_fast=pl.lit(value=False),
        )
    )
    return assess(signals).select(*PAIR, "probability", "level")


def outcomes_after(term: Term, week: int) -> pl.DataFrame:
    """Return class_id, student_id and later_percent: the share of all points of the weeks that follow.

    Missing work counts nothing.
    """
    later = _work(term, until=term.semester.end).filter(pl.col("week") >= week)
    share = 100.0 * pl.col("score").fill_null(0).sum() / pl.col("possible").sum()
    return later.group_by(PAIR).agg(share.alias("later_percent"))


def _work(term: Term, *, until: int) -> pl.DataFrame:
    """Return one row per student and assignment of their classes: due, handed_in (ms), score, possible, is_late."""
    points = term.work.answers.filter("counts").group_by("attempt").agg(score=pl.col("points").sum())
    handed_in = (
        term.work.attempts.with_row_index("attempt")
        .cast({"attempt": pl.Int64})
        .filter(pl.col("finished") & (pl.col("last_answered") < until))
        .join(points.cast({"attempt": pl.Int64}), on="attempt", how="left")
        .sort("attempt_number")
        .unique(["student", "assignment"], keep="first", maintain_order=True)
        .select("student", "assignment", "score", handed_in="last_answered")
    )
    return (
        term.people.enrollments.join(term.coursework.assignments, on="class")
        .join(handed_in, on=["student", "assignment"], how="left")
        .with_columns(
            class_id=pl.col("class").cast(pl.String),
            student_id=pl.col("student").cast(pl.String),
            assignment_id=pl.col("assignment").cast(pl.String),
            is_missing=pl.col("handed_in").is_null(),
            is_late=(pl.col("handed_in") > pl.col("due")).fill_null(value=False),
        )
    )


def _standings(judged: pl.DataFrame) -> pl.DataFrame:
    share = 100.0 * pl.col("score").fill_null(0).sum() / pl.col("possible").sum()
    grades = judged.group_by(PAIR).agg(share.alias("share"))
    percents = [Decimal(value).quantize(Decimal("0.01")) for value in grades["share"].to_list()]
    return class_standing(grades.select(*PAIR, grade_percent=pl.Series(percents, dtype=_PERCENT)))


def _grades(judged: pl.DataFrame) -> pl.DataFrame:
    decimals = pl.col("score", "possible").cast(_PERCENT)
    return judged.select(*PAIR, "assignment_id", decimals)


def _moment(column: str) -> pl.Expr:
    return pl.from_epoch(column, "ms").dt.cast_time_unit("us").dt.replace_time_zone("UTC")
