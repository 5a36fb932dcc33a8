"""Mastery of a whole district at once: the rule of `mastery` over a frame of answers, in one pass.

The decayed sum after the last answer is a plain weighted sum: the k-th of n answers has been multiplied by
one decay per later answer, so its weight is `2^(-(n-k)/h)·2^(-(days between it and the last)/180)`. Sorting
once and grouping replaces the loop. The frame of answers is the one `calibration` describes.
"""

import math
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from core.domain.calibration import Calibration, rates_for
from core.domain.logistic import logistic_of, logit, normal_probability_of
from core.domain.mastery import (
    CONCEPT_HALF_LIFE_ANSWERS,
    DEFAULT_THRESHOLDS,
    DEVELOPING,
    HALF_LIFE_DAYS,
    INTERVAL_SCORE,
    NOT_ENOUGH_EVIDENCE,
    PRIOR_INFORMATION,
    SECURE,
    STRUGGLING,
    STUDENT_HALF_LIFE_ANSWERS,
    MasteryThresholds,
)

_MICROSECONDS_PER_HALF_LIFE = HALF_LIFE_DAYS * 86_400_000_000
_MASTERY_COLUMNS = (
    "student_id",
    "concept_id",
    "mastery_percent",
    "lower_percent",
    "upper_percent",
    "standard_error",
    "evidence_count",
    "question_count",
    "evidence",
    "information",
    "ability",
    "mean_easiness",
    "band",
    "below_threshold",
    "p_below_threshold",
    "last_answered_at",
)


def mastery_by_concept(
    answers: pl.DataFrame,
    calibration: Calibration,
    *,
    as_of: datetime,
    thresholds: MasteryThresholds = DEFAULT_THRESHOLDS,
) -> pl.DataFrame:
    """Return one row per student and concept answered up to `as_of`, sorted by both.

    Percents are 0-100; standard_error and ability in logits; evidence is G_c, information I_c;
    evidence_count is the number of answers, question_count of distinct questions; the interval covers 80 %.
    `as_of` only cuts off later answers: evidence decays between a student's answers, never with the
    calendar. A student's row depends on the other students only through the calibration.
    """
    seen = answers.filter(pl.col("answered_at") <= as_of)
    codes = codes_of(seen, calibration)
    judged = judged_answers(seen, codes)
    evidence = _concept_evidence(judged, codes).join(_student_ability(judged), on="student", how="left")
    read = read_mastery(evidence, codes, calibration, thresholds=thresholds)
    return read.select(_MASTERY_COLUMNS).sort("student_id", "concept_id")


def read_mastery(
    evidence: pl.DataFrame, codes: "Codes", calibration: Calibration, *, thresholds: MasteryThresholds
) -> pl.DataFrame:
    """Return `evidence` with what it says: percents, standard_error, ability, band and the names behind the codes.

    Needs student, concept (codes), evidence (G_c), information (I_c), evidence_count, question_count and
    student_ability (θ_s).
    """
    return (
        evidence.join(codes.students, on="student", how="left")
        .join(codes.concepts, on="concept", how="left")
        .join(calibration.concepts.select("concept_id", "mean_easiness"), on="concept_id", how="left")
        .with_columns(pl.col("mean_easiness").fill_null(logit(calibration.mean_outcome)))
        .with_columns(_ability(), _standard_error(calibration))
        .with_columns(centre=_centre(calibration))
        .with_columns(*_percents(), p_below_threshold=_p_below(thresholds))
        .with_columns(
            below_threshold=pl.col("mastery_percent") < thresholds.struggling_percent, band=_band(thresholds)
        )
    )


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Small integers for the long ids: sorting and grouping ten million strings is most of the cost."""

    students: pl.DataFrame  # student_id, student
    questions: pl.DataFrame  # question_id, question, rate
    concepts: pl.DataFrame  # concept_id, concept
    tags: pl.DataFrame  # question, concept


def codes_of(answers: pl.DataFrame, calibration: Calibration) -> Codes:
    """Return a number for each student, question and concept of the answers, in the order of their ids."""
    rates = rates_for(answers, calibration)
    tagged = (
        answers.lazy()
        .group_by("question_id")
        .agg(pl.col("concept_ids").first())
        .sort("question_id")
        .collect()
    )
    questions = tagged.with_row_index("question").join(
        rates, on="question_id", how="left", maintain_order="left"
    )
    pairs = questions.select("question", concept_id="concept_ids").explode("concept_id").drop_nulls().unique()
    concepts = pairs.select(pl.col("concept_id").unique().sort()).with_row_index("concept")
    return Codes(
        students=answers.select(pl.col("student_id").unique().sort()).with_row_index("student"),
        questions=questions.select("question_id", "question", "rate"),
        concepts=concepts,
        tags=pairs.join(concepts, on="concept_id").select("question", "concept").sort("question", "concept"),
    )


def judged_answers(answers: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """Return student, question, moment (µs), residual r and variance v of each answer, in answer order."""
    return (
        answers.lazy()
        .join(codes.questions.lazy(), on="question_id", how="left")
        .join(codes.students.lazy(), on="student_id", how="left")
        .select("student", "question", "answer_id", *residuals())
        .sort("student", "moment", "answer_id")
        .drop("answer_id")
        .collect()
    )


def residuals() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Return the expressions moment (µs since 1970), residual r = y - p and variance v = p(1 - p)."""
    return (
        pl.col("answered_at").dt.epoch("us").alias("moment"),
        (pl.col("outcome") - pl.col("rate")).alias("residual"),
        (pl.col("rate") * (1.0 - pl.col("rate"))).alias("variance"),
    )


def final_weight(half_life_answers: float) -> pl.Expr:
    """Return each answer's final weight inside its group, which must be in answer order."""
    later_answers = pl.len() - 1 - pl.int_range(pl.len(), dtype=pl.Int64)
    later_time = pl.col("moment").last() - pl.col("moment")
    half_lives = later_answers / half_life_answers + later_time / _MICROSECONDS_PER_HALF_LIFE
    return (half_lives * -math.log(2.0)).exp()


def _decayed_sums(judged: pl.DataFrame, *keys: str, half_life_answers: float) -> pl.DataFrame:
    """Return G, I and the counts per group; `maintain_order` fixes the order of the sums, hence every bit."""
    weight = final_weight(half_life_answers)
    return judged.group_by(*keys, maintain_order=True).agg(
        (weight * pl.col("residual")).sum().alias("evidence"),
        (weight * pl.col("variance")).sum().alias("information"),
        pl.len().cast(pl.Int64).alias("evidence_count"),
        pl.col("question").n_unique().cast(pl.Int64).alias("question_count"),
        pl.from_epoch(pl.col("moment").last(), "us").dt.replace_time_zone("UTC").alias("last_answered_at"),
    )


def _concept_evidence(judged: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """Return the sums per student and concept; an answer counts fully for each concept of its question."""
    per_concept = judged.join(codes.tags, on="question", how="inner", maintain_order="left_right")
    return _decayed_sums(per_concept, "student", "concept", half_life_answers=CONCEPT_HALF_LIFE_ANSWERS)


def _student_ability(judged: pl.DataFrame) -> pl.DataFrame:
    sums = _decayed_sums(judged, "student", half_life_answers=STUDENT_HALF_LIFE_ANSWERS)
    ability = pl.col("evidence") / (pl.col("information") + PRIOR_INFORMATION)
    return sums.select("student", student_ability=ability)


def _ability() -> pl.Expr:
    pulled = pl.col("evidence") + PRIOR_INFORMATION * pl.col("student_ability")
    return (pulled / (pl.col("information") + PRIOR_INFORMATION)).alias("ability")


def _standard_error(calibration: Calibration) -> pl.Expr:
    error = calibration.constants.ability / (pl.col("information") + PRIOR_INFORMATION).sqrt()
    return error.alias("standard_error")


def _centre(calibration: Calibration) -> pl.Expr:
    constants = calibration.constants
    return (
        constants.intercept
        + constants.easiness * pl.col("mean_easiness")
        + constants.ability * pl.col("ability")
    )


def _percents() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    centre, margin = pl.col("centre"), INTERVAL_SCORE * pl.col("standard_error")
    return (
        (100.0 * logistic_of(centre)).alias("mastery_percent"),
        (100.0 * logistic_of(centre - margin)).alias("lower_percent"),
        (100.0 * logistic_of(centre + margin)).alias("upper_percent"),
    )


def _p_below(thresholds: MasteryThresholds) -> pl.Expr:
    limit = logit(thresholds.struggling_percent / 100.0)
    return normal_probability_of((limit - pl.col("centre")) / pl.col("standard_error"))


def _band(thresholds: MasteryThresholds) -> pl.Expr:
    too_few = (pl.col("evidence_count") < thresholds.minimum_answers) | (
        pl.col("question_count") < thresholds.minimum_questions
    )
    return (
        pl.when(too_few)
        .then(pl.lit(NOT_ENOUGH_EVIDENCE))
        .when(pl.col("p_below_threshold") >= thresholds.struggling_probability)
        .then(pl.lit(STRUGGLING))
        .when(pl.col("lower_percent") > thresholds.secure_percent)
        .then(pl.lit(SECURE))
        .otherwise(pl.lit(DEVELOPING))
    )
