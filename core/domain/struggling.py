"""Which concepts a student needs help with, and why, in sentences a teacher can check.

A flag is a hint, never a verdict, and says two separate things: whether the concept is hard for everyone, and
whether this student seems to fall short of the typical student on the same questions. The second is barely
resolvable from a handful of answers (measured: the best score orders 58-61 % of a student's concept pairs
rightly), so its words are hedged.
"""

import polars as pl

from core.domain.logistic import logistic_of
from core.domain.mastery import (
    DEFAULT_THRESHOLDS,
    NOT_ENOUGH_EVIDENCE,
    PRIOR_INFORMATION,
    SHIPPED_CONSTANTS,
    STRUGGLING,
    MasteryConstants,
    MasteryThresholds,
)

WORST_FEW = 5  # a longer list per student is not acted on
STRONG_PROBABILITY = 0.95
PROBABLE = "probable"
STRONG = "strong"
FALLS_SHORT_LOGITS = -0.3  # a typical student at 70 % against one at 63 %; less is not worth a sentence

_COLUMNS = ("student_id", "concept_id", "rank", "strength", "p_below_threshold", "mastery_percent", "reasons")


def struggling_flags(
    mastery: pl.DataFrame,
    *,
    worst: int = WORST_FEW,
    constants: MasteryConstants = SHIPPED_CONSTANTS,
    thresholds: MasteryThresholds = DEFAULT_THRESHOLDS,
) -> pl.DataFrame:
    """Return the worst few struggling concepts of each student, sorted by student_id and rank.

    `mastery` is what `mastery_by_concept` returns. Columns: student_id, concept_id, rank (1 is the worst),
    strength ('probable' from 0.8, 'strong' from 0.95 probability), p_below_threshold, mastery_percent
    (0-100), reasons (sentences, strongest first). A concept without enough evidence is never flagged.
    """
    worst_first = mastery.filter(pl.col("band") == STRUGGLING).sort(
        "student_id", "p_below_threshold", "concept_id", descending=[False, True, False]
    )
    return (
        worst_first.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("student_id"))
        .filter(pl.col("rank") <= worst)
        .with_columns(strength=_strength(), reasons=_reasons(constants, thresholds))
        .select(_COLUMNS)
    )


def not_enough_evidence(mastery: pl.DataFrame) -> pl.DataFrame:
    """Return student_id, concept_id and evidence_count of what cannot be judged yet: to be said, not hidden."""
    undecided = mastery.filter(pl.col("band") == NOT_ENOUGH_EVIDENCE)
    return undecided.select("student_id", "concept_id", "evidence_count").sort("student_id", "concept_id")


def _strength() -> pl.Expr:
    is_strong = pl.col("p_below_threshold") >= STRONG_PROBABILITY
    return pl.when(is_strong).then(pl.lit(STRONG)).otherwise(pl.lit(PROBABLE))


def _reasons(constants: MasteryConstants, thresholds: MasteryThresholds) -> pl.Expr:
    hard_for_everyone = _hard_for_everyone(constants, thresholds)
    sentences = [_expectation(thresholds), _falls_short(), hard_for_everyone, _rests_on()]
    return pl.concat_list(sentences).list.drop_nulls()


def _whole(percent: pl.Expr) -> pl.Expr:
    return percent.round(0).cast(pl.Int64).cast(pl.String)


def _expectation(thresholds: MasteryThresholds) -> pl.Expr:
    return pl.format(
        "Expected to get about {} % right on this concept's usual questions (likely between {} and {} %); "
        "under {} % with a probability of {} %.",
        _whole(pl.col("mastery_percent")),
        _whole(pl.col("lower_percent")),
        _whole(pl.col("upper_percent")),
        pl.lit(f"{thresholds.struggling_percent:g}"),
        _whole(100 * pl.col("p_below_threshold")),
    )


def _falls_short() -> pl.Expr:
    shortfall = pl.col("evidence") / (pl.col("information") + PRIOR_INFORMATION)
    sentence = "Seems to fall short here in particular: lower than a typical student on the same questions."
    return pl.when(shortfall <= FALLS_SHORT_LOGITS).then(pl.lit(sentence))


def _hard_for_everyone(constants: MasteryConstants, thresholds: MasteryThresholds) -> pl.Expr:
    typical = 100 * logistic_of(constants.intercept + constants.easiness * pl.col("mean_easiness"))
    words = "Hard for everyone: a typical student gets {} % of these questions right."
    sentence = pl.format(words, _whole(typical))
    return pl.when(typical < thresholds.struggling_percent).then(sentence)


def _rests_on() -> pl.Expr:
    return pl.format(
        "Rests on {} answers to {} questions, the latest on {}.",
        pl.col("evidence_count"),
        pl.col("question_count"),
        pl.col("last_answered_at").dt.strftime("%Y-%m-%d"),
    )
