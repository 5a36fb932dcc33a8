"""Bayesian knowledge tracing with forgetting: the field's usual yardstick, for comparison only.

A skill is known or not; it is learnt and forgotten between answers; known skills slip, unknown ones are guessed
(Corbett and Anderson 1994, with forgetting). Five constants per skill, fitted by expectation-maximisation on the
training students.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]

EM_STEPS = 25
LONGEST_HISTORY = 200  # later answers on one skill are predicted, but not learnt from
_BOUND = 0.001
_PRIOR_WEIGHT = 2.0  # pseudo-observations that keep a skill with three students near the starting point


@dataclass(frozen=True, slots=True)
class SkillModel:
    """Probabilities: known at the start, learnt and forgotten per step, guessed, slipped."""

    known: float = 0.5
    learn: float = 0.1
    forget: float = 0.02
    guess: float = 0.3
    slip: float = 0.1


START = SkillModel()


def predict_by_tracing(training: pl.DataFrame, held_out: pl.DataFrame) -> pl.DataFrame:
    """Return outcome and prediction of each held-out answer, from models of the training students.

    Frames as `mastery_validity.read_answers` makes them; the first concept of a question is its skill.
    """
    models = {skill: fit_skill(*_histories(rows)) for skill, rows in _by_skill(training).items()}
    tables = [
        _predictions(models.get(skill, START), *_histories(rows, longest=None))
        for skill, rows in _by_skill(held_out).items()
    ]
    return pl.concat(tables)


def fit_skill(outcomes: Floats, is_answer: npt.NDArray[np.bool_]) -> SkillModel:
    """Return the constants of one skill; rows are students, columns their answers in order, padded at the end."""
    model = START
    for _ in range(EM_STEPS):
        model = _maximise(model, outcomes, is_answer)
    return model


def filtered(model: SkillModel, outcomes: Floats) -> tuple[Floats, Floats]:
    """Return P(known) before and after each answer, students by answers."""
    before, after = np.empty_like(outcomes), np.empty_like(outcomes)
    known = np.full(outcomes.shape[0], model.known)
    for step in range(outcomes.shape[1]):
        is_right = outcomes[:, step] == 1
        if_known = known * np.where(is_right, 1 - model.slip, model.slip)
        if_unknown = (1 - known) * np.where(is_right, model.guess, 1 - model.guess)
        before[:, step] = known
        after[:, step] = if_known / (if_known + if_unknown)
        known = after[:, step] * (1 - model.forget) + (1 - after[:, step]) * model.learn
    return before, after


def _maximise(model: SkillModel, outcomes: Floats, is_answer: npt.NDArray[np.bool_]) -> SkillModel:
    before, after = filtered(model, outcomes)
    known = after.copy()  # smoothed from the end
    learnt, forgotten = np.zeros_like(known), np.zeros_like(known)
    for step in range(outcomes.shape[1] - 2, -1, -1):
        goes_on = is_answer[:, step + 1]
        next_known, expected = known[:, step + 1], before[:, step + 1]
        stays = after[:, step] * (1 - model.forget) * next_known / expected
        forgotten[:, step] = goes_on * after[:, step] * model.forget * (1 - next_known) / (1 - expected)
        learnt[:, step] = goes_on * (1 - after[:, step]) * model.learn * next_known / expected
        known[:, step] = np.where(goes_on, stays + forgotten[:, step], after[:, step])
    moves = np.zeros_like(is_answer)
    moves[:, :-1] = is_answer[:, 1:]
    unknown = 1 - known
    return SkillModel(
        known=_share(known[:, 0].sum(), len(known), START.known),
        learn=_share(learnt.sum(), (unknown * moves).sum(), START.learn),
        forget=_share(forgotten.sum(), (known * moves).sum(), START.forget),
        guess=_share((unknown * outcomes * is_answer).sum(), (unknown * is_answer).sum(), START.guess),
        slip=_share((known * (1 - outcomes) * is_answer).sum(), (known * is_answer).sum(), START.slip),
    )


def _share(part: float, whole: float, start: float) -> float:
    share = (part + _PRIOR_WEIGHT * start) / (whole + _PRIOR_WEIGHT)
    return float(min(max(share, _BOUND), 1 - _BOUND))


def _by_skill(answers: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    skilled = answers.sort("answer_id").with_columns(skill=pl.col("concept_ids").list.first())
    parts = skilled.partition_by("skill", as_dict=True)
    return {str(key[0]): rows for key, rows in parts.items()}


def _histories(
    answers: pl.DataFrame, longest: int | None = LONGEST_HISTORY
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return outcomes (students by answers, padded with 0) and which cells are answers."""
    histories = answers.group_by("student_id", maintain_order=True).agg("outcome")["outcome"].to_list()
    width = max(len(history) for history in histories)
    width = width if longest is None else min(width, longest)
    outcomes = np.zeros((len(histories), width))
    is_answer = np.zeros((len(histories), width), dtype=np.bool_)
    for row, history in enumerate(histories):
        kept = history[:width]
        outcomes[row, : len(kept)] = kept
        is_answer[row, : len(kept)] = True
    return outcomes, is_answer


def _predictions(model: SkillModel, outcomes: Floats, is_answer: npt.NDArray[np.bool_]) -> pl.DataFrame:
    before, _ = filtered(model, outcomes)
    right = before * (1 - model.slip) + (1 - before) * model.guess
    return pl.DataFrame({"outcome": outcomes[is_answer], "prediction": right[is_answer]})
