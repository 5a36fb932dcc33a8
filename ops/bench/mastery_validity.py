"""Does mastery predict the next answer of students it has never seen? Five folds, against others.

    homeroom bench mastery_validity --data ANSWERS.parquet [--json]

What the file (or HOMEROOM_MASTERY_DATA) holds: see `ops.bench.answer_file`; `ops/bench/data` has a small simulated
one. Rates come from the training students only; each held-out answer is predicted from the answers before it, by the
shipped incremental rule. Most of the accuracy comes from knowing how hard a question is and how strong the student is
in general, not from tracking single concepts.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

import polars as pl

from core.domain.calibration import Calibration, calibrate, rates_for
from core.domain.logistic import logistic_of, logit
from core.domain.mastery import (
    CONCEPT_HALF_LIFE_ANSWERS,
    NO_EVIDENCE,
    SHIPPED_CONSTANTS,
    STUDENT_HALF_LIFE_ANSWERS,
    Evidence,
    GradedAnswer,
    MasteryConstants,
    add_answer,
    concept_ability,
)
from ops.bench.answer_file import AnswerFileError, has_several_skills, read_answers
from ops.bench.knowledge_tracing import predict_by_tracing

DATA_VARIABLE = "HOMEROOM_MASTERY_DATA"
MINIMUM_GAIN_IN_AUC = 0.06
MAXIMUM_CALIBRATION_ERROR = 0.02
MAXIMUM_CALIBRATION_ERROR_ELSEWHERE = 0.04
MAXIMUM_REFITTED_CALIBRATION_ERROR = 0.008
CALIBRATION_BINS = 10
SURE = 0.001  # a ratio of 0 or 1 is taken as 0.1 % or 99.9 %: the log loss of certainty is infinite
NEWTON_STEPS = 8


@dataclass(frozen=True, slots=True)
class Score:
    """AUC (0.5 is chance), log loss (nats per answer) and calibration error (share) of one model."""

    auc: float
    log_loss: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Goal:
    """One promise and what was measured."""

    promise: str
    measured: float
    is_met: bool


def main() -> int:
    """Print the scores and goals; the exit code is 1 when a goal is missed and 2 without readable data."""
    options = _options()
    if options.data is None:
        print(f"name a file of answers by --data or in {DATA_VARIABLE}", file=sys.stderr)
        return 2
    try:
        answers = read_answers(options.data)
    except AnswerFileError as error:
        print(error, file=sys.stderr)
        return 2
    scores = evaluate(answers)
    outcome = goals(scores, is_like_2009=not has_several_skills(answers))
    told = {
        "file": str(options.data),
        "answers": answers.height,
        "students": answers["student_id"].n_unique(),
    }
    _print_json(told, scores, outcome) if options.json else _print_table(told, scores, outcome)
    return 0 if all(goal.is_met for goal in outcome) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mastery_validity", description=__doc__)
    known = os.environ.get(DATA_VARIABLE)
    parser.add_argument("--data", type=Path, default=Path(known) if known else None, help="Parquet or CSV")
    parser.add_argument("--json", action="store_true", help="for a script")
    return parser.parse_args()


def _print_table(told: Mapping[str, object], scores: Mapping[str, Score], outcome: Sequence[Goal]) -> None:
    print(", ".join(f"{name}: {value}" for name, value in told.items()))
    print(f"{'model':<28}{'AUC':>8}{'log loss':>10}{'cal. error':>12}")
    for model, score in scores.items():
        print(f"{model:<28}{score.auc:>8.3f}{score.log_loss:>10.3f}{score.calibration_error:>12.4f}")
    for goal in outcome:
        print(f"{'met   ' if goal.is_met else 'MISSED'} {goal.promise}: {goal.measured:.4f}")


def _print_json(told: Mapping[str, object], scores: Mapping[str, Score], outcome: Sequence[Goal]) -> None:
    models = {model: asdict(score) for model, score in scores.items()}
    print(json.dumps({**told, "models": models, "goals": [asdict(goal) for goal in outcome]}, indent=2))


def evaluate(answers: pl.DataFrame) -> dict[str, Score]:
    """Return the score of each model over the held-out answers of all folds together."""
    folds = answers["fold"].unique().sort().to_list()
    shipped, refitted, traced = [], [], []
    for fold in folds:
        training = [other for other in folds if other != fold]
        held_out = held_out_features(answers, fold, training=training)
        shipped.append(predicted(held_out, SHIPPED_CONSTANTS))
        refitted.append(predicted(held_out, refit(answers, training)))
        is_held_out = pl.col("fold") == fold
        traced.append(predict_by_tracing(answers.filter(~is_held_out), answers.filter(is_held_out)))
    return {
        "plain ratio": score(pl.concat(shipped), "ratio"),
        "BKT with forgetting": score(pl.concat(traced), "prediction"),
        "DER, shipped constants": score(pl.concat(shipped), "prediction"),
        "DER, refitted constants": score(pl.concat(refitted), "prediction"),
    }


def held_out_features(answers: pl.DataFrame, fold: int, *, training: list[int]) -> pl.DataFrame:
    """Return the features of one fold under the rates of the training folds."""
    known = answers.filter(pl.col("fold").is_in(training))
    return features(answers.filter(pl.col("fold") == fold), calibrate(known, version=f"for fold {fold}"))


def refit(answers: pl.DataFrame, training: list[int]) -> MasteryConstants:
    """Return constants from the training folds only.

    Each of them is held out in turn while the rates are made: an answer that helped to make its own question's
    rate looks easier to predict than a new one will be (the calibration error was 0.03 without this).
    """
    tables = [
        held_out_features(answers, fold, training=[other for other in training if other != fold])
        for fold in training
    ]
    return fit(pl.concat(tables))


def goals(scores: Mapping[str, Score], *, is_like_2009: bool = True) -> list[Goal]:
    """Return what MASTERY promises on data of this kind, and whether it holds.

    `is_like_2009`: one concept per answer, as where the constants come from; elsewhere they fit less closely.
    """
    shipped, refitted = scores["DER, shipped constants"], scores["DER, refitted constants"]
    gain = shipped.auc - scores["plain ratio"].auc
    lead = shipped.auc - scores["BKT with forgetting"].auc
    error, refitted_error = shipped.calibration_error, refitted.calibration_error
    most = MAXIMUM_CALIBRATION_ERROR if is_like_2009 else MAXIMUM_CALIBRATION_ERROR_ELSEWHERE
    return [
        Goal(
            f"AUC above the plain ratio's by at least {MINIMUM_GAIN_IN_AUC}",
            gain,
            gain >= MINIMUM_GAIN_IN_AUC,
        ),
        Goal("AUC at least that of BKT with forgetting", lead, lead >= 0),
        Goal(f"calibration error at most {most}", error, error <= most),
        Goal(
            f"calibration error at most {MAXIMUM_REFITTED_CALIBRATION_ERROR} refitted",
            refitted_error,
            refitted_error <= MAXIMUM_REFITTED_CALIBRATION_ERROR,
        ),
    ]


def features(answers: pl.DataFrame, calibration: Calibration) -> pl.DataFrame:
    """Return outcome, easiness (logits), ability (θ before the answer) and ratio (so far) of each answer."""
    rated = answers.join(rates_for(answers, calibration), on="question_id", how="left").sort("answer_id")
    rows = [
        row for student in rated.partition_by("student_id", maintain_order=True) for row in _replay(student)
    ]
    schema = {"outcome": pl.Float64, "easiness": pl.Float64, "ability": pl.Float64, "ratio": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def predicted(table: pl.DataFrame, constants: MasteryConstants) -> pl.DataFrame:
    """Return the features with the prediction the rule makes for the very question answered next."""
    log_odds = (
        constants.intercept + constants.easiness * pl.col("easiness") + constants.ability * pl.col("ability")
    )
    return table.with_columns(prediction=logistic_of(log_odds))


def fit(table: pl.DataFrame) -> MasteryConstants:
    """Return the constants by logistic regression (Newton's method from the shipped ones)."""
    constants = SHIPPED_CONSTANTS
    for _ in range(NEWTON_STEPS):
        step = _solve(*_newton_system(predicted(table, constants)))
        constants = MasteryConstants(
            constants.intercept + step[0], constants.easiness + step[1], constants.ability + step[2]
        )
    return constants


def score(table: pl.DataFrame, column: str) -> Score:
    """Return how well a column of probabilities foretold `outcome` (0 to 1)."""
    return Score(area_under_curve(table, column), log_loss(table, column), calibration_error(table, column))


def area_under_curve(table: pl.DataFrame, column: str) -> float:
    """Return the probability that a right answer was given a higher prediction than a wrong one.

    An answer half right counts as half an answer of each kind, which leaves 0 and 1 as they are.
    """
    rows = (
        table.group_by(column)
        .agg(right=pl.col("outcome").sum(), wrong=(1 - pl.col("outcome")).sum())
        .sort(column)
    )
    right, wrong = pl.col("right"), pl.col("wrong")
    ordered = rows.select((right * (wrong.cum_sum() - wrong / 2)).sum()).item()
    return float(ordered) / float(rows.select(right.sum() * wrong.sum()).item())


def log_loss(table: pl.DataFrame, column: str) -> float:
    """Return the mean of -log P(what happened), what happened being partly both where an answer is partly right."""
    probability, outcome = pl.col(column).clip(SURE, 1 - SURE), pl.col("outcome")
    surprise = outcome * probability.log() + (1 - outcome) * (1 - probability).log()
    return float(table.select(-surprise.mean()).item())


def calibration_error(table: pl.DataFrame, column: str) -> float:
    """Return the mean distance between what was said and what happened, over ten equally wide bins."""
    width = 1 / CALIBRATION_BINS
    bins = table.group_by((pl.col(column) / width).floor().clip(0, CALIBRATION_BINS - 1).alias("bin")).agg(
        (pl.col(column).mean() - pl.col("outcome").mean()).abs().alias("distance"), pl.len().alias("size")
    )
    return float(bins.select((pl.col("distance") * pl.col("size")).sum() / pl.col("size").sum()).item())


def _replay(student: pl.DataFrame) -> Iterator[tuple[float, float, float, float]]:
    level = NO_EVIDENCE
    concepts: dict[str, Evidence] = defaultdict(lambda: NO_EVIDENCE)
    right: dict[str, list[float]] = defaultdict(list)
    columns = student.select("concept_ids", "outcome", "rate", "answered_at")
    for names, outcome, rate, answered_at in columns.iter_rows():
        ability = fmean(concept_ability(concepts[name], level) for name in names)
        so_far = [value for name in names for value in right[name]]
        yield outcome, logit(rate), ability, fmean(so_far) if so_far else 0.5
        answer = GradedAnswer(outcome, rate, answered_at)
        level = add_answer(level, answer, half_life_answers=STUDENT_HALF_LIFE_ANSWERS)
        for name in names:
            concepts[name] = add_answer(concepts[name], answer, half_life_answers=CONCEPT_HALF_LIFE_ANSWERS)
            right[name].append(outcome)


def _newton_system(table: pl.DataFrame) -> tuple[list[list[float]], list[float]]:
    """Return the information matrix and the score vector of the log-likelihood in the three constants."""
    design = [pl.lit(1.0), pl.col("easiness"), pl.col("ability")]
    weight = pl.col("prediction") * (1 - pl.col("prediction"))
    residual = pl.col("outcome") - pl.col("prediction")
    matrix = [[float(table.select((weight * a * b).sum()).item()) for b in design] for a in design]
    return matrix, [float(table.select((residual * a).sum()).item()) for a in design]


def _solve(matrix: list[list[float]], vector: list[float]) -> list[float]:
    """Return x of matrix·x = vector for a positive definite matrix (Gauss elimination needs no pivot there)."""
    rows = [[*row, value] for row, value in zip(matrix, vector, strict=True)]
    for pivot, row in enumerate(rows):
        rows[pivot] = [value / row[pivot] for value in row]
        for other in range(len(rows)):
            if other != pivot:
                factor = rows[other][pivot]
                pairs = zip(rows[other], rows[pivot], strict=True)
                rows[other] = [value - factor * base for value, base in pairs]
    return [row[-1] for row in rows]


if __name__ == "__main__":
    sys.exit(main())
