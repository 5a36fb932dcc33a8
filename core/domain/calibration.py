"""What a typical student of one district gets on each concept and question: the `p` behind mastery.

Every rate is shrunk towards the next wider one, a question towards its concepts and a concept towards the
district, so that a question with two answers does not look impossible. Only the district's own answers
enter. A nightly calibration carries a version; numbers made under one version are comparable.

Answers come as a frame of the first graded answer per question and attempt, in any order, with
`student_id: str, question_id: str, concept_ids: list[str], answered_at: datetime (UTC), outcome: float 0-1,
answer_id: str`; a question has the same concepts on every row.

The same answers give the same bits, whatever the order of the rows or the number of threads. So sums over a group
are taken of its sorted list: Polars adds a plain `sum()` per thread, and drops a `.sort()` in front of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from core.domain.logistic import logistic, logistic_of, logit, logit_of
from core.domain.mastery import SHIPPED_CONSTANTS, MasteryConstants

CONCEPT_PRIOR_ANSWERS = 20.0  # a concept is believed half at twenty answers
QUESTION_PRIOR_ANSWERS = 10.0  # a question is believed half at ten
UNKNOWN_MEAN = 0.5  # a district without answers has no opinion
MEAN_BOUNDS = (0.01, 0.99)  # a district where all is right (or wrong) still needs a finite logit

# What a teacher means by the word, in logits on the prior: on a concept of which 70 % is right, "easy"
# starts at 84 % and "hard" at 51 %. Ten answers already weigh as much as the word.
DIFFICULTY_SHIFT = {"easy": 0.8, "medium": 0.0, "hard": -0.8}


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """One version of a district's rates.

    `concepts`: concept_id, answer_count, rate (p_c), mean_easiness (ē_c, logits), sorted by concept_id.
    `questions`: question_id, answer_count, rate (p_i), easiness (logits), sorted by question_id.
    """

    version: str
    mean_outcome: float
    concepts: pl.DataFrame
    questions: pl.DataFrame
    constants: MasteryConstants = SHIPPED_CONSTANTS


def calibrate(
    answers: pl.DataFrame,
    *,
    version: str,
    questions: pl.DataFrame | None = None,
    constants: MasteryConstants = SHIPPED_CONSTANTS,
) -> Calibration:
    """Return the rates of a district from its answers.

    `questions` (question_id, concept_ids, difficulty: 'easy' | 'medium' | 'hard' | null) adds questions
    nobody answered yet and the teacher's word on difficulty; a question missing there has no such word.
    """
    totals = question_totals(answers)
    mean = mean_outcome(totals)
    concepts = concept_rates(totals, mean)
    rated = question_rates(_with_catalogue(totals, questions), concepts, mean)
    return Calibration(
        version=version,
        mean_outcome=mean,
        concepts=_with_mean_easiness(concepts, rated),
        questions=rated.select("question_id", "answer_count", "rate", "easiness"),
        constants=constants,
    )


def mean_of(outcome_sum: float, answer_count: int) -> float:
    """Return m, the district's mean outcome, kept inside MEAN_BOUNDS; 0.5 without answers."""
    if answer_count == 0:
        return UNKNOWN_MEAN
    low, high = MEAN_BOUNDS
    return min(max(outcome_sum / answer_count, low), high)


def concept_rate(outcome_sum: float, answer_count: int, mean: float) -> float:
    """Return p_c = (Σy + 20·m) / (n + 20); 5 of 10 right where m = 0.8: 21 / 30 = 0.7."""
    return (outcome_sum + CONCEPT_PRIOR_ANSWERS * mean) / (answer_count + CONCEPT_PRIOR_ANSWERS)


def prior_rate(rates_of_concepts: Sequence[float], *, mean: float, difficulty: str | None = None) -> float:
    """Return what to expect of a question before any answer: the mean logit of its concepts, shifted.

    A question without concepts starts at the district's mean. Raises KeyError for an unknown difficulty.
    """
    logits = [logit(rate) for rate in rates_of_concepts] or [logit(mean)]
    shift = 0.0 if difficulty is None else DIFFICULTY_SHIFT[difficulty]
    return logistic(sum(logits) / len(logits) + shift)


def question_rate(outcome_sum: float, answer_count: int, prior: float) -> float:
    """Return p_i = (Σy + 10·prior) / (n + 10); 1 of 5 right where the concept has 0.7: 8 / 15 = 0.533."""
    return (outcome_sum + QUESTION_PRIOR_ANSWERS * prior) / (answer_count + QUESTION_PRIOR_ANSWERS)


def question_totals(answers: pl.DataFrame) -> pl.DataFrame:
    """Return question_id, concept_ids, answer_count and outcome_sum per answered question, by question_id.

    Equal outcomes are counted first and then added in order.
    """
    counted = answers.group_by("question_id", "outcome").agg(
        pl.col("concept_ids").first(), pl.len().cast(pl.Int64).alias("answer_count")
    )
    return (
        counted.sort("question_id", "outcome")
        .group_by("question_id", maintain_order=True)
        .agg(
            pl.col("concept_ids").first(),
            pl.col("answer_count").sum(),
            (pl.col("outcome") * pl.col("answer_count")).alias("outcome_sum"),
        )
        .with_columns(pl.col("outcome_sum").list.sum())
    )


def mean_outcome(totals: pl.DataFrame) -> float:
    """Return m of a district from its `question_totals`."""
    return mean_of(float(totals["outcome_sum"].sum()), int(totals["answer_count"].sum()))


def concept_rates(totals: pl.DataFrame, mean: float) -> pl.DataFrame:
    """Return concept_id, answer_count and rate p_c from `question_totals`, by concept_id.

    A question with several concepts counts fully for each.
    """
    by_concept = totals.rename({"concept_ids": "concept_id"}).explode("concept_id").drop_nulls("concept_id")
    return (
        by_concept.group_by("concept_id", maintain_order=True)
        .agg(pl.col("answer_count").sum(), pl.col("outcome_sum"))
        .with_columns(pl.col("outcome_sum").list.sum())
        .select(
            "concept_id",
            "answer_count",
            rate=(pl.col("outcome_sum") + CONCEPT_PRIOR_ANSWERS * mean)
            / (pl.col("answer_count") + CONCEPT_PRIOR_ANSWERS),
        )
        .sort("concept_id")
    )


def question_rates(questions: pl.DataFrame, concepts: pl.DataFrame, mean: float) -> pl.DataFrame:
    """Return `questions` with prior, rate p_i and easiness (logits), by question_id.

    Needs question_id, concept_ids, difficulty, answer_count, outcome_sum; a question nobody answered keeps
    its prior. Raises polars' InvalidOperationError for an unknown difficulty.
    """
    rate = (pl.col("outcome_sum") + QUESTION_PRIOR_ANSWERS * pl.col("prior")) / (
        pl.col("answer_count") + QUESTION_PRIOR_ANSWERS
    )
    return (
        questions.join(_concept_logits(questions, concepts, mean), on="question_id", how="left")
        .with_columns(prior=logistic_of(pl.col("concept_logit").fill_null(logit(mean)) + _difficulty_shift()))
        .with_columns(rate=rate)
        .with_columns(easiness=logit_of(pl.col("rate")))
        .drop("concept_logit")
        .sort("question_id")
    )


def rates_for(answers: pl.DataFrame, calibration: Calibration) -> pl.DataFrame:
    """Return question_id and rate of every question in `answers`; a newer one gets its prior."""
    known = calibration.questions.select("question_id", "rate")
    unseen = (
        answers.select("question_id", "concept_ids")
        .join(known, on="question_id", how="anti")
        .unique("question_id", keep="first", maintain_order=True)
    )
    untold = unseen.with_columns(
        difficulty=pl.lit(None, pl.String), answer_count=pl.lit(0, pl.Int64), outcome_sum=pl.lit(0.0)
    )
    fresh = question_rates(untold, calibration.concepts, calibration.mean_outcome)
    return pl.concat([known, fresh.select("question_id", "rate")])


def _difficulty_shift() -> pl.Expr:
    return pl.col("difficulty").replace_strict(DIFFICULTY_SHIFT | {None: 0.0}, return_dtype=pl.Float64)


def _concept_logits(questions: pl.DataFrame, concepts: pl.DataFrame, mean: float) -> pl.DataFrame:
    """Return question_id and the mean logit of its concepts; one without answers has the district's mean."""
    pairs = questions.select("question_id", concept_id="concept_ids").explode("concept_id")
    return (
        pairs.drop_nulls("concept_id")
        .sort("question_id", "concept_id")
        .join(concepts.select("concept_id", "rate"), on="concept_id", how="left", maintain_order="left")
        .group_by("question_id", maintain_order=True)
        .agg(logit_of(pl.col("rate").fill_null(mean)).alias("concept_logit"))
        .with_columns(pl.col("concept_logit").list.mean())
    )


def _with_catalogue(totals: pl.DataFrame, catalogue: pl.DataFrame | None) -> pl.DataFrame:
    """Return the totals with each question's stated difficulty, and the catalogue's unanswered questions."""
    if catalogue is None:
        return totals.with_columns(difficulty=pl.lit(None, pl.String))
    stated = totals.join(catalogue.select("question_id", "difficulty"), on="question_id", how="left")
    unanswered = catalogue.join(totals, on="question_id", how="anti").select(
        "question_id",
        "concept_ids",
        answer_count=pl.lit(0, pl.Int64),
        outcome_sum=pl.lit(0.0),
        difficulty=pl.col("difficulty").cast(pl.String),
    )
    return pl.concat([stated, unanswered])


def _with_mean_easiness(concepts: pl.DataFrame, rated: pl.DataFrame) -> pl.DataFrame:
    """Return the concepts with ē_c over their answered questions: a bank nobody used yet moves no number."""
    answered = rated.filter(pl.col("answer_count") > 0)
    means = (
        answered.select("easiness", concept_id="concept_ids")
        .explode("concept_id")
        .group_by("concept_id", maintain_order=True)
        .agg(pl.col("easiness").alias("mean_easiness"))
        .with_columns(pl.col("mean_easiness").list.mean())
    )
    return concepts.join(means, on="concept_id", how="left", maintain_order="left")
