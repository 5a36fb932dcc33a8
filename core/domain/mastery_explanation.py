"""Why a mastery number is what it is: the answers behind it, and a sentence for the teacher."""

from dataclasses import dataclass

import polars as pl

from core.domain.calibration import Calibration, rates_for
from core.domain.logistic import logit_of
from core.domain.mastery import CONCEPT_HALF_LIFE_ANSWERS
from core.domain.mastery_batch import final_weight, residuals


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Where one student's evidence on one concept comes from.

    `answers`: the latest first, with answer_id, question_id, answered_at, outcome, rate (p), easiness
    (logits), residual (r = y - p), weight, contribution (weight·r). Their contributions and `earlier` add
    up to `evidence`.
    """

    answers: pl.DataFrame
    earlier: float
    evidence: float

    @property
    def question_count(self) -> int:
        return self.answers.height

    @property
    def expected(self) -> float:
        """What a typical student gets right of these answers."""
        return float(self.answers["rate"].sum())

    @property
    def gained(self) -> float:
        """What this student got right of them."""
        return float(self.answers["outcome"].sum())


def explain(
    answers: pl.DataFrame,
    calibration: Calibration,
    *,
    student_id: str,
    concept_id: str,
    limit: int = 6,
) -> Explanation:
    """Return the latest `limit` answers behind one number, and what the earlier ones still weigh."""
    mine = answers.filter(
        pl.col("student_id") == student_id,
        pl.col("concept_ids").list.contains(concept_id),
    )
    lines = _lines(mine, calibration)
    shown = lines.tail(limit).reverse()
    evidence = float(lines["contribution"].sum())
    return Explanation(shown, earlier=float(lines["contribution"].head(-limit).sum()), evidence=evidence)


def teacher_sentence(name: str, explanation: Explanation) -> str:
    """Return "On 6 recent questions a typical student gets 4.1 right; Ana got 2."."""
    return sentence(
        name, count=explanation.question_count, expected=explanation.expected, gained=explanation.gained
    )


def sentence(name: str, *, count: int, expected: float, gained: float) -> str:
    """Return the sentence for `count` answers of which a typical student gets `expected` right."""
    questions = "1 recent question" if count == 1 else f"{count} recent questions"
    got = f"{gained:.1f}".removesuffix(".0")
    return f"On {questions} a typical student gets {expected:.1f} right; {name} got {got}."


def _lines(answers: pl.DataFrame, calibration: Calibration) -> pl.DataFrame:
    return (
        answers.join(rates_for(answers, calibration), on="question_id", how="left")
        .sort("answered_at", "answer_id")
        .with_columns(*residuals())
        .with_columns(weight=final_weight(CONCEPT_HALF_LIFE_ANSWERS))
        .select(
            "answer_id",
            "question_id",
            "answered_at",
            "outcome",
            "rate",
            "residual",
            "weight",
            easiness=logit_of(pl.col("rate")),
            contribution=pl.col("weight") * pl.col("residual"),
        )
    )
