from dataclasses import astuple

import numpy as np
import polars as pl
import pytest

from ops.bench.knowledge_tracing import START, SkillModel, filtered, fit_skill, predict_by_tracing


def simulated(model: SkillModel, students: int, steps: int) -> np.ndarray:
    source = np.random.default_rng(1)
    known = source.random(students) < model.known
    outcomes = np.zeros((students, steps))
    for step in range(steps):
        outcomes[:, step] = source.random(students) < np.where(known, 1 - model.slip, model.guess)
        moved = source.random(students)
        known = np.where(known, moved >= model.forget, moved < model.learn)
    return outcomes


def test_belief_after_a_right_answer_by_hand() -> None:
    before, after = filtered(START, np.array([[1.0, 0.0]]))
    # 0.5·0.9 / (0.5·0.9 + 0.5·0.3) = 0.75; 0.75·0.98 + 0.25·0.1 = 0.76; 0.076 / (0.076 + 0.24·0.7) = 0.3115
    assert before[0] == pytest.approx([0.5, 0.76])
    assert after[0] == pytest.approx([0.75, 0.311475], abs=1e-6)


def test_fitting_finds_the_constants_the_answers_were_drawn_with() -> None:
    truth = SkillModel(known=0.4, learn=0.2, forget=0.05, guess=0.15, slip=0.05)
    outcomes = simulated(truth, students=4000, steps=12)
    found = fit_skill(outcomes, np.ones_like(outcomes, dtype=np.bool_))
    for name in ("known", "learn", "forget", "guess", "slip"):
        assert getattr(found, name) == pytest.approx(getattr(truth, name), abs=0.04), name


def test_padding_is_not_evidence() -> None:
    outcomes = simulated(START, students=300, steps=6)
    padded = np.hstack([outcomes, np.zeros((300, 5))])
    is_answer = np.hstack([np.ones((300, 6), dtype=np.bool_), np.zeros((300, 5), dtype=np.bool_)])
    plain = fit_skill(outcomes, np.ones_like(outcomes, dtype=np.bool_))
    assert astuple(fit_skill(padded, is_answer)) == pytest.approx(astuple(plain), abs=1e-9)


def test_each_held_out_answer_is_predicted_even_on_an_unknown_skill() -> None:
    def frame(student: str, skill: str, outcomes: list[float]) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "student_id": student,
                "concept_ids": [[skill]] * len(outcomes),
                "answer_id": [f"{student}{skill}{number:03d}" for number in range(len(outcomes))],
                "outcome": outcomes,
            }
        )

    training = frame("s", "known", [1.0] * 30)
    held_out = pl.concat([frame("t", "known", [1.0, 1.0]), frame("t", "new", [1.0, 0.0, 1.0])])
    predictions = predict_by_tracing(training, held_out).sort("prediction")
    assert predictions.height == 5
    assert predictions["prediction"].is_between(0, 1, closed="none").all()
    # the first answer on a skill without a model: 0.5·0.9 + 0.5·0.3
    assert predictions.filter(pl.col("prediction").is_between(0.5999, 0.6001)).height == 1
