"""What a student might learn next in a class, and with which questions: advice, never a lock.

The graph of concepts belongs to the teacher. What is known of a prerequisite shapes the order of the steps and never
the number of the concept that builds on it: measured, it adds next to nothing (AUC +0.0005).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.domain.logistic import logistic, logit, normal_probability
from core.domain.mastery import (
    DEFAULT_THRESHOLDS,
    NOT_ENOUGH_EVIDENCE,
    SECURE,
    SHIPPED_CONSTANTS,
    STRUGGLING,
    MasteryConstants,
    MasteryThresholds,
    standard_error,
)

LONGEST_PATH = 10  # more is a list, not a plan
LIKELY_MASTERED = 0.7
WITHIN_REACH = (0.5, 0.85)  # chances of the next answer at which practice gains most
NOT_SEEN = "not_seen"
_NO_DATE = float("inf")

_STANDING_WORDS = {
    NOT_SEEN: "No answer on it yet.",
    NOT_ENOUGH_EVIDENCE: "Too few answers to judge yet.",
    STRUGGLING: "Struggling with it so far.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one student on one concept; `ability` is θ in logits, probabilities are 0-1."""

    band: str
    mastery_percent: float | None
    p_next_right: float
    p_below_threshold: float
    ability: float

    @property
    def is_secure(self) -> bool:
        return self.band == SECURE

    @property
    def is_likely_mastered(self) -> bool:
        """Secure, or at or above the threshold (60 %) with a probability of at least 0.7."""
        return self.is_secure or 1.0 - self.p_below_threshold >= LIKELY_MASTERED


@dataclass(frozen=True, slots=True)
class Curriculum:
    """The concepts of a class in the teacher's order, and the prerequisites of each among them."""

    concepts: tuple[str, ...]
    prerequisites: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One concept to learn next, and why it stands where it stands."""

    concept_id: str
    standing: Standing
    reason: str


def unseen(
    mean_easiness: float,
    student_ability: float,
    *,
    constants: MasteryConstants = SHIPPED_CONSTANTS,
    thresholds: MasteryThresholds = DEFAULT_THRESHOLDS,
) -> Standing:
    """Return what to expect on a concept without any answer: the student's own level θ_s speaks for it.

    On a concept where a typical student gets half (ē = 0), of a typical student (θ_s = 0): 51.2 %.
    """
    centre = constants.intercept + constants.easiness * mean_easiness + constants.ability * student_ability
    limit = logit(thresholds.struggling_percent / 100.0)
    below = normal_probability((limit - centre) / standard_error(0.0, constants))
    return Standing(NOT_SEEN, None, logistic(centre), below, student_ability)


def learning_path(
    curriculum: Curriculum,
    standings: Mapping[str, Standing],
    due: Mapping[str, datetime | None],
    *,
    longest: int = LONGEST_PATH,
) -> list[Step]:
    """Return the next concepts of one student: never a secure one, a prerequisite always before what builds on it.

    `standings` has every concept of the curriculum; `due` the concepts that work still to be done practises, with its
    earliest due date (None: no date). In this order: concepts whose prerequisites are likely mastered; those of work
    that is due, the earliest first; the weakest prerequisite of such work; what is within reach; the teacher's order.
    """
    situation = _situation(curriculum, standings, due)
    open_concepts = [concept for concept in curriculum.concepts if not standings[concept].is_secure]
    rank = {concept: (*_rank(concept, situation), position) for position, concept in enumerate(open_concepts)}
    return [
        Step(concept, standings[concept], _reason(concept, situation))
        for concept in _in_order(rank, curriculum, longest)
    ]


@dataclass(frozen=True, slots=True)
class _Situation:
    """`needed`: what work still to be done builds on; `lacking`: how many prerequisites are not likely mastered."""

    standings: Mapping[str, Standing]
    due: Mapping[str, datetime | None]
    needed: Collection[str]
    lacking: Mapping[str, int]


def _situation(
    curriculum: Curriculum, standings: Mapping[str, Standing], due: Mapping[str, datetime | None]
) -> _Situation:
    doubtful = {concept for concept, standing in standings.items() if not standing.is_likely_mastered}
    lacking = {
        concept: sum(one in doubtful for one in curriculum.prerequisites.get(concept, ()))
        for concept in curriculum.concepts
    }
    needed = {one for concept in due for one in curriculum.prerequisites.get(concept, ())}
    return _Situation(standings, due, needed, lacking)


def _rank(concept: str, situation: _Situation) -> tuple[bool | float, ...]:
    """Smaller comes first."""
    chance = situation.standings[concept].p_next_right
    due_at = situation.due.get(concept)
    is_needed = concept in situation.needed
    return (
        situation.lacking[concept] > 0,
        concept not in situation.due,
        _NO_DATE if due_at is None else due_at.timestamp(),
        not is_needed,
        chance if is_needed else 0.0,
        not WITHIN_REACH[0] <= chance <= WITHIN_REACH[1],
    )


def _in_order(
    rank: Mapping[str, tuple[bool | float, ...]], curriculum: Curriculum, longest: int
) -> list[str]:
    """Take the first of those nothing stands before, again and again.

    A circle cannot be entered in the product; if one is there all the same, its first concept goes first.
    """
    waiting = {
        concept: {one for one in curriculum.prerequisites.get(concept, ()) if one in rank} for concept in rank
    }
    ordered: list[str] = []
    while waiting and len(ordered) < longest:
        free = [concept for concept, before in waiting.items() if not before]
        chosen = min(free or waiting, key=lambda concept: rank[concept])
        ordered.append(chosen)
        del waiting[chosen]
        for before in waiting.values():
            before.discard(chosen)
    return ordered


def _reason(concept: str, situation: _Situation) -> str:
    standing = situation.standings[concept]
    first = _assigned_words(concept, situation) or _chance_words(standing.p_next_right)
    sentences = [first, _STANDING_WORDS.get(standing.band, "Not secure yet.")]
    lacking = situation.lacking[concept]
    if lacking:
        noun = "prerequisite" if lacking == 1 else "prerequisites"
        sentences.append(f"Comes late because {lacking} {noun} may need work first.")
    return " ".join(sentences)


def _assigned_words(concept: str, situation: _Situation) -> str | None:
    if concept in situation.due:
        due_at = situation.due[concept]
        if due_at is None:
            return "Assigned work practises it."
        return f"Work due on {due_at:%Y-%m-%d} practises it."
    return "Assigned work builds on it." if concept in situation.needed else None


def _chance_words(chance: float) -> str:
    low, high = WITHIN_REACH
    words = "Hard at present" if chance < low else "Well on the way" if chance > high else "Within reach"
    return f"{words}: the next answer is right with a probability of about {100 * chance:.0f} %."
