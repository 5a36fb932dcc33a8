from dataclasses import replace

import numpy as np
import pytest

from ops.demo.curriculum import CONCEPTS
from ops.demo.learners import Knowledge, Traits, chance_of_right, draw_traits

FIRST = np.array([0])
LATER_CONCEPT = next(index for index, concept in enumerate(CONCEPTS) if len(concept.prerequisites) == 1)
PREREQUISITE = [concept.name for concept in CONCEPTS].index(CONCEPTS[LATER_CONCEPT].prerequisites[0])


def plain_traits() -> Traits:
    traits = draw_traits(1, 8, np.random.default_rng(1))
    return replace(traits, bent=np.zeros_like(traits.bent))


def practise(knowledge: Knowledge, concept: int, effect: float = 1.0) -> float:
    before = knowledge.level(FIRST, np.array([concept]))[0]
    knowledge.practise(FIRST, np.array([concept]), np.array([effect]))
    return float(knowledge.level(FIRST, np.array([concept]))[0] - before)


def test_practice_teaches_less_each_time() -> None:
    traits = plain_traits()
    knowledge = Knowledge(traits)
    gains = [practise(knowledge, PREREQUISITE) for _ in range(3)]
    assert gains == pytest.approx(traits.learning_rate[0] / np.sqrt([1.0, 2.0, 3.0]))


def test_half_of_what_was_learnt_is_forgotten_in_a_half_life() -> None:
    traits = plain_traits()
    knowledge = Knowledge(traits)
    gained = practise(knowledge, PREREQUISITE)
    knowledge.forget(float(traits.half_life[0]))
    assert knowledge.level(FIRST, np.array([PREREQUISITE]))[0] == pytest.approx(gained / 2)


def test_knowing_a_prerequisite_helps_with_what_builds_on_it() -> None:
    knowledge = Knowledge(plain_traits())
    practise(knowledge, PREREQUISITE)
    assert knowledge.level(FIRST, np.array([LATER_CONCEPT]))[0] > 0


@pytest.mark.parametrize(
    ("proficiency", "hardness", "guess", "expected"),
    [(0.0, 0.0, 0.0, 0.5), (0.0, 0.0, 0.2, 0.6), (2.0, 2.0, 0.25, 0.625), (-40.0, 0.0, 0.22, 0.22)],
)
def test_chance_of_a_right_answer(proficiency: float, hardness: float, guess: float, expected: float) -> None:
    chance = chance_of_right(np.array([proficiency]), np.array([hardness]), guess=guess)
    assert chance[0] == pytest.approx(expected)


def test_some_students_fade_and_most_do_not() -> None:
    traits = draw_traits(2_000, 18, np.random.default_rng(5))
    fell = traits.engagement[:, -1] < 0.7 * traits.engagement[:, 0]
    assert 0.03 < fell.mean() < 0.2
    assert 0.02 < traits.absent.mean() < 0.12
    assert traits.engagement.min() >= 0
    assert traits.engagement.max() <= 1
