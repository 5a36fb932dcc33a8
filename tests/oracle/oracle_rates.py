"""How hard each question and concept is in a district, and what every student has mastered after every answer."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import NormalDist
from typing import Any

from tests.oracle.facts import Facts, Row, Rows, grouped

A0, A1, A2 = 0.05, 1.11, 1.11
PRIOR = 2.0
HALF_LIFE_DAYS = 180.0
_INTERVAL = NormalDist().inv_cdf(0.9)
_SHIFT = {"easy": 0.8, "medium": 0.0, "hard": -0.8}


def logit(share: float) -> float:
    return math.log(share / (1 - share))


def sigma(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


@dataclass(frozen=True)
class Limits:
    """The district's own thresholds, else the documented ones."""

    struggling: float
    sure: float
    secure: float


def limits_of(facts: Facts) -> Limits:
    own: Row = next(iter(facts["district_settings"]), {})
    names = {"struggling_percent": 60.0, "struggling_probability": 0.8, "secure_percent": 80.0}
    return Limits(*(usual if own.get(name) is None else float(own[name]) for name, usual in names.items()))


@dataclass(frozen=True)
class Rates:
    """m; p and logit p of each answered question; ē of each answered concept; p_c of each."""

    mean: float
    questions: dict[str, float]
    easiness: dict[str, float]
    concepts: dict[str, float]


def rates_of(first: Rows) -> Rates:
    """Return the rates from the first graded answers."""
    mean = min(max(sum(row["outcome"] for row in first) / len(first), 0.01), 0.99) if first else 0.5
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0])
    for row in first:
        for concept in row["concept_ids"]:
            sums[concept][0] += row["outcome"]
            sums[concept][1] += 1
    concepts = {name: (total + 20 * mean) / (count + 20) for name, (total, count) in sums.items()}
    questions, by_concept = {}, defaultdict(list)
    for name, rows in grouped(first, lambda row: row["question_id"]).items():
        questions[name] = _question_rate(rows, concepts, mean)
        for concept in rows[0]["concept_ids"]:
            by_concept[concept].append(logit(questions[name]))
    easiness = {concept: sum(logits) / len(logits) for concept, logits in by_concept.items()}
    return Rates(mean, questions, easiness, concepts)


def _question_rate(rows: Rows, concepts: dict[str, float], mean: float) -> float:
    prior = prior_rate(rows[0]["concept_ids"], rows[0]["difficulty"], concepts, mean)
    return (sum(row["outcome"] for row in rows) + 10 * prior) / (len(rows) + 10)


def prior_rate(tagged: list[str], difficulty: str, concepts: dict[str, float], mean: float) -> float:
    """Return what is expected of a question before any answer to it."""
    logits = [logit(concepts.get(concept, mean)) for concept in tagged] or [logit(mean)]
    return sigma(sum(logits) / len(logits) + _SHIFT[difficulty])


@dataclass
class Sums:
    """G, I and N of a student, on a concept or in general."""

    half_life: float
    surplus: float = 0.0
    information: float = 0.0
    count: int = 0
    last: datetime | None = None

    def add(self, row: Row, rate: float) -> None:
        if self.last is not None:
            days = (row["answered_at"] - self.last).total_seconds() / 86_400
            left = 2 ** (-1 / self.half_life) * 2 ** (-days / HALF_LIFE_DAYS)
            self.surplus *= left
            self.information *= left
        self.surplus += row["outcome"] - rate
        self.information += rate * (1 - rate)
        self.count += 1
        self.last = row["answered_at"]


@dataclass(frozen=True)
class Level:
    """What the sums of one student on one concept say."""

    sums: Sums
    ability: float
    error: float
    percent: float
    lower: float
    upper: float
    below: float
    band: str


def level_of(sums: Sums, questions: int, *, general: float, easiness: float, limits: Limits) -> Level:
    ability = (sums.surplus + PRIOR * general) / (sums.information + PRIOR)
    error = A2 / math.sqrt(sums.information + PRIOR)
    centre = A0 + A1 * easiness + A2 * ability
    lower, upper = (100 * sigma(centre + side * _INTERVAL * error) for side in (-1, 1))
    below = NormalDist().cdf((logit(limits.struggling / 100) - centre) / error)
    band = "secure" if lower > limits.secure else "developing"
    if below >= limits.sure:
        band = "struggling"
    if sums.count < 3 or questions < 3:
        band = "not_enough_evidence"
    return Level(sums, ability, error, 100 * sigma(centre), lower, upper, below, band)


def general_ability(sums: Sums) -> float:
    return sums.surplus / (sums.information + PRIOR)


@dataclass(frozen=True)
class DayOfStudent:
    """How a student stood at the end of a day: the sums of the concepts answered until then, and of all of them."""

    student_id: str
    day: date
    general: float
    concepts: dict[str, tuple[Sums, int]]
    answered: set[str]


def walk(first: Rows, rates: Rates) -> Iterator[DayOfStudent]:
    """Yield every day of every student, answer after answer."""
    for student_id, rows in grouped(in_order(first), lambda row: row["student_id"]).items():
        general, concepts = Sums(30), {}
        questions: dict[str, set[str]] = defaultdict(set)
        for day, answers in grouped(rows, lambda row: row["answered_at"].astimezone(UTC).date()).items():
            answered: set[str] = set()
            for row in answers:
                rate = rates.questions[row["question_id"]]
                general.add(row, rate)
                for concept in row["concept_ids"]:
                    concepts.setdefault(concept, Sums(5)).add(row, rate)
                    questions[concept].add(row["question_id"])
                    answered.add(concept)
            counted = {name: (sums, len(questions[name])) for name, sums in concepts.items()}
            yield DayOfStudent(student_id, day, general_ability(general), counted, answered)


def in_order(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: (row["answered_at"], row["answer_id"]))


def first_graded(answers: Rows) -> Rows:
    return [row for row in answers if row["is_first_graded"]]


def latest_schools(first: Rows) -> dict[str, Any]:
    return {row["student_id"]: row["school_id"] for row in in_order(first)}
