"""Mastery as it stood at the end of each day: the rule of `mastery`, answer after answer, for a whole district.

The decayed sums are recursive, `G ← G·decay + r`, so the k-th answers of all groups are taken together: one step per
place in the longest list of answers, whatever the number of students.
"""

import math

import polars as pl

from core.domain.calibration import Calibration
from core.domain.mastery import (
    CONCEPT_HALF_LIFE_ANSWERS,
    DEFAULT_THRESHOLDS,
    HALF_LIFE_DAYS,
    PRIOR_INFORMATION,
    STUDENT_HALF_LIFE_ANSWERS,
    MasteryThresholds,
)
from core.domain.mastery_batch import Codes, codes_of, judged_answers, read_mastery

_MICROSECONDS_PER_HALF_LIFE = HALF_LIFE_DAYS * 86_400_000_000
_COLUMNS = (
    "student_id",
    "concept_id",
    "day",
    "mastery_percent",
    "lower_percent",
    "upper_percent",
    "evidence_count",
    "band",
)


def mastery_history(
    answers: pl.DataFrame,
    calibration: Calibration,
    *,
    thresholds: MasteryThresholds = DEFAULT_THRESHOLDS,
) -> pl.DataFrame:
    """Return one row per student, concept and day (UTC) with answers on it, sorted by these.

    `answers` are those of `calibration`. Each row is the mastery after the student's last answer of that day, of any
    concept, under the calibration of today: numbers of different days can be compared. Percents are 0-100.
    """
    codes = codes_of(answers, calibration)
    judged = judged_answers(answers, codes).with_columns(day=_day())
    evidence = _evidence_by_day(judged, codes).join(
        _ability_by_day(judged), on=["student", "day"], how="left"
    )
    read = read_mastery(evidence, codes, calibration, thresholds=thresholds)
    return read.select(_COLUMNS).sort("student_id", "concept_id", "day")


def running_evidence(answers: pl.DataFrame, *keys: str, half_life_answers: float) -> pl.DataFrame:
    """Return `answers` with the sums after each: evidence (G), information (I) and evidence_count.

    Needs `keys`, moment (µs), residual and variance, in answer order within a group. The rows come back in another
    order: the first answers of all groups, the second ones, …
    """
    placed = _by_place(answers, *keys, half_life_answers=half_life_answers)
    per_place = placed.group_by("evidence_count", maintain_order=True).len()["len"].to_list()
    evidence = _recursion(placed["residual"], placed["kept"], per_place).alias("evidence")
    information = _recursion(placed["variance"], placed["kept"], per_place).alias("information")
    return placed.drop("kept").with_columns(evidence, information)


def _by_place(answers: pl.DataFrame, *keys: str, half_life_answers: float) -> pl.DataFrame:
    """Number each group's answers and lay the k-th ones side by side, groups with more answers first."""
    elapsed = (pl.col("moment") - pl.col("moment").shift(1)).over(keys).fill_null(0)
    half_lives = 1.0 / half_life_answers + elapsed / _MICROSECONDS_PER_HALF_LIFE
    return (
        answers.with_columns(
            evidence_count=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(keys),
            answers_in_all=pl.len().over(keys),
            kept=(half_lives * -math.log(2.0)).exp(),
        )
        .sort("evidence_count", "answers_in_all", *keys, descending=[False, True, *(False for _ in keys)])
        .drop("answers_in_all")
    )


def _recursion(added: pl.Series, kept: pl.Series, per_place: list[int]) -> pl.Series:
    """Return the sums `s ← s·kept + added`; the first of `per_place` values go on from the first of those before."""
    parts: list[pl.Series] = []
    start = 0
    for count in per_place:
        step = added.slice(start, count)
        if parts:
            step = parts[-1].slice(0, count) * kept.slice(start, count) + step
        parts.append(step)
        start += count
    return pl.concat(parts) if parts else added


def _day() -> pl.Expr:
    return pl.from_epoch(pl.col("moment"), "us").dt.date()


def _evidence_by_day(judged: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """Return the sums per student, concept and day after the day's last answer on the concept."""
    per_concept = judged.join(codes.tags, on="question", how="inner", maintain_order="left_right")
    pair = ["student", "concept"]
    is_new = pl.col("question").is_first_distinct().over(pair)
    counted = per_concept.with_columns(question_count=is_new.cast(pl.Int64).cum_sum().over(pair))
    sums = running_evidence(counted, *pair, half_life_answers=CONCEPT_HALF_LIFE_ANSWERS)
    return _last_of_day(sums, *pair).select(
        *pair, "day", "evidence", "information", "evidence_count", "question_count"
    )


def _ability_by_day(judged: pl.DataFrame) -> pl.DataFrame:
    """Return θ_s per student and day after the day's last answer."""
    sums = running_evidence(judged, "student", half_life_answers=STUDENT_HALF_LIFE_ANSWERS)
    ability = pl.col("evidence") / (pl.col("information") + PRIOR_INFORMATION)
    return _last_of_day(sums, "student").select("student", "day", student_ability=ability)


def _last_of_day(sums: pl.DataFrame, *keys: str) -> pl.DataFrame:
    latest = pl.col("evidence_count") == pl.col("evidence_count").max().over(*keys, "day")
    return sums.filter(latest)
