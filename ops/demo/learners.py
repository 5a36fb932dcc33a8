"""What drives a simulated student, and the chance of a right answer that follows from it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ops.demo.curriculum import CONCEPTS, Subject, positions

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

GUESS_RATE = 0.22
"""Four options, and students who rule one out a little more often than not."""
_PREREQUISITE_WEIGHT = 0.3
_DISENGAGING_SHARE = 0.12
_UNINVOLVED_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Traits:
    """Per student: ability (logits) by subject, learning and forgetting rates, pace; per week: zeal, absence.

    ability (n, 2); bent (n, concepts), the logits by which single concepts come easier or harder; learning_rate (n,),
    logits gained by a first practice; half_life (n,) weeks; pace (n,), a factor on time; engagement (n, weeks) in
    0-1; absent (n, weeks).
    """

    ability: Numbers
    bent: Numbers
    learning_rate: Numbers
    half_life: Numbers
    pace: Numbers
    engagement: Numbers
    absent: npt.NDArray[np.bool_]


def draw_traits(count: int, weeks: int, random: np.random.Generator) -> Traits:
    """Draw `count` students."""
    general = random.normal(0.05, 0.8, size=count)
    ability = general[:, None] + random.normal(0.0, 0.45, size=(count, len(Subject)))
    return Traits(
        ability=ability,
        bent=random.normal(0.0, 0.4, size=(count, len(CONCEPTS))),
        learning_rate=random.lognormal(-1.2, 0.35, size=count),
        half_life=random.lognormal(1.8, 0.4, size=count),
        pace=random.lognormal(0.0, 0.25, size=count),
        engagement=_draw_engagement(count, weeks, random),
        absent=_draw_absences(count, weeks, random),
    )


def _draw_engagement(count: int, weeks: int, random: np.random.Generator) -> Numbers:
    """Most students keep going; some fade from a week of their own on; a few never start."""
    level = random.beta(14.0, 1.6, size=count)
    engagement = np.repeat(level[:, None], weeks, axis=1)
    fading = random.random(count) < _DISENGAGING_SHARE
    onset = random.integers(weeks // 4, weeks, size=count, endpoint=True)
    elapsed = np.maximum(np.arange(weeks)[None, :] - onset[:, None], 0)
    faded = engagement * np.maximum(0.85**elapsed, 0.25)
    engagement = np.where(fading[:, None], faded, engagement)
    uninvolved = random.random(count) < _UNINVOLVED_SHARE
    return np.where(uninvolved[:, None], engagement * 0.4, engagement)


def _draw_absences(count: int, weeks: int, random: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Single weeks now and then, and for one student in ten a spell of up to three weeks."""
    absent = random.random((count, weeks)) < random.beta(1.2, 30.0, size=count)[:, None]
    spell = random.random(count) < 0.1
    start = random.integers(0, weeks, size=count)
    length = random.integers(1, 4, size=count)
    week = np.arange(weeks)[None, :]
    inside = (week >= start[:, None]) & (week < (start + length)[:, None])
    return absent | (spell[:, None] & inside)


class Knowledge:
    """What each student knows of each concept now, in logits above (or below) the ability they came with.

    Practice adds with diminishing returns; time takes away by half every half-life, never what came before.
    """

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        count = len(traits.pace)
        self._gained = np.zeros((count, len(CONCEPTS)))
        self._practised = np.zeros((count, len(CONCEPTS)))
        self._prerequisites = _prerequisite_shares()

    def forget(self, weeks: float) -> None:
        """Let time pass."""
        self._gained *= np.exp2(-weeks / self._traits.half_life)[:, None]

    def level(self, student: Indices, concept: Indices) -> Numbers:
        """Return the knowledge (logits) each listed student brings to each listed concept."""
        own = self._gained[student, concept] + self._traits.bent[student, concept]
        below = (self._gained @ self._prerequisites)[student, concept]
        return own + _PREREQUISITE_WEIGHT * below

    def practise(self, student: Indices, concept: Indices, effect: Numbers) -> None:
        """Add what each answered question taught; the tenth teaches less than the first."""
        fresh = 1.0 / np.sqrt(1.0 + self._practised[student, concept])
        gain = self._traits.learning_rate[student] * fresh * effect
        np.add.at(self._gained, (student, concept), gain)
        np.add.at(self._practised, (student, concept), 1.0)


def chance_of_right(proficiency: Numbers, hardness: Numbers, *, guess: float) -> Numbers:
    """Return the probability of a right answer, `g + (1 − g)·σ(proficiency − hardness)`."""
    return guess + (1.0 - guess) / (1.0 + np.exp(hardness - proficiency))


def _prerequisite_shares() -> Numbers:
    """Return the matrix that averages, for each concept (column), over its prerequisites (rows)."""
    shares = np.zeros((len(CONCEPTS), len(CONCEPTS)))
    for index, concept in enumerate(CONCEPTS):
        for prerequisite in positions(concept.prerequisites):
            shares[prerequisite, index] = 1.0 / len(concept.prerequisites)
    return shares
