"""What each student might learn next in each class, why, and with which questions of the banks."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import NormalDist

from tests.oracle.facts import Facts, Row, Rows, grouped, pair
from tests.oracle.oracle_rates import (
    A0,
    A1,
    A2,
    PRIOR,
    Rates,
    first_graded,
    limits_of,
    logit,
    prior_rate,
    rates_of,
    sigma,
    walk,
)

_LONGEST = 10
_LIKELY = 0.7
_REACH = (0.5, 0.85)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_WORDS = {
    "not_seen": "No answer on it yet.",
    "not_enough_evidence": "Too few answers to judge yet.",
    "struggling": "Struggling with it so far.",
}
Shelf = list[tuple[float, str]]


@dataclass(frozen=True)
class Plan:
    """A class's concepts in the teacher's order, what each builds on among them, and what its work practises."""

    concepts: list[str]
    prerequisites: dict[str, set[str]]
    by_assignment: dict[str, set[str]]


def learning_paths(facts: Facts, marts: dict[str, Rows], work: Rows, places: Rows) -> Rows:
    first = first_graded(marts["answers"])
    rates = rates_of(first)
    general = {day.student_id: day.general for day in walk(first, rates)}
    known = {(row["student_id"], row["concept_id"]): row for row in marts["concept_mastery"]}
    standing = _standings(facts, rates, general, known)
    plans, works = _plans(facts), grouped(work, pair)
    teachers = {row["id"]: row["teacher_id"] for row in facts["classes"]}
    shelves = _shelves(facts, first, rates)
    rows = []
    for place in places:
        plan = plans.get(place["class_id"])
        if plan is None:
            continue
        own = {concept: standing(place["student_id"], concept) for concept in plan.concepts}
        due = _due(plan, works.get(pair(place), []))
        for rank, (concept, reason) in enumerate(_steps(plan, own, due), start=1):
            shelf = shelves(place["school_id"], teachers[place["class_id"]], concept)
            told = {name: own[concept][name] for name in ("band", "mastery_percent", "p_next_right")}
            practice = _practice(own[concept]["ability"], shelf)
            step = {"rank": rank, "concept_id": concept, "reason": reason, "question_ids": practice}
            rows.append({"district_id": facts.district_id} | place | told | step)
    return rows


def _standings(
    facts: Facts, rates: Rates, general: dict[str, float], known: dict[tuple[str, str], Row]
) -> Callable[[str, str], Row]:
    """Return the function (student, concept) → what is known, or expected where nothing is known yet."""
    limit = logit(limits_of(facts).struggling / 100)

    def standing(student_id: str, concept: str) -> Row:
        row = known.get((student_id, concept))
        if row is not None:
            chance, below = row["mastery_percent"] / 100, row["p_below_threshold"]
            return row | {"p_next_right": chance, "below": below}
        ability = general.get(student_id, 0.0)
        centre = A0 + A1 * rates.easiness.get(concept, logit(rates.mean)) + A2 * ability
        below = NormalDist().cdf((limit - centre) / (A2 / math.sqrt(PRIOR)))
        unknown = {"band": "not_seen", "mastery_percent": None, "ability": ability}
        return unknown | {"p_next_right": sigma(centre), "below": below}

    return standing


def _plans(facts: Facts) -> dict[str, Plan]:
    concepts = {row["id"] for row in facts.standing("concepts")}
    below: dict[str, set[str]] = defaultdict(set)
    for edge in facts["concept_prerequisites"]:
        if edge["concept_id"] in concepts and edge["prerequisite_id"] in concepts:
            below[edge["concept_id"]].add(edge["prerequisite_id"])
    tags = grouped(facts["question_concepts"], lambda row: row["question_id"])
    questions = grouped(facts.standing("questions"), lambda row: row["assignment_id"])
    plans = {}
    given = [row for row in facts.standing("assignments") if row["status"] != "draft"]
    for class_id, assignments in grouped(given, lambda row: row["class_id"]).items():
        places: list[tuple[datetime, str, int, str]] = []
        by_assignment: dict[str, set[str]] = defaultdict(set)
        for assignment in assignments:
            for question in questions.get(assignment["id"], ()):
                for tag in tags.get(question["id"], ()):
                    if tag["concept_id"] in concepts:
                        when = assignment["due_at"] or _NEVER
                        places.append((when, assignment["id"], question["position"], tag["concept_id"]))
                        if assignment["status"] == "published":
                            by_assignment[assignment["id"]].add(tag["concept_id"])
        if places:
            plans[class_id] = _plan([concept for *_, concept in sorted(places)], below, by_assignment)
    return plans


def _plan(practised: list[str], below: dict[str, set[str]], by_assignment: dict[str, set[str]]) -> Plan:
    """First what is practised, then what that builds on directly."""
    taught = list(dict.fromkeys(practised))
    beneath = [prerequisite for concept in taught for prerequisite in sorted(below[concept])]
    concepts = list(dict.fromkeys(taught + beneath))
    prerequisites = {concept: below[concept] & set(concepts) for concept in concepts}
    return Plan(concepts, prerequisites, dict(by_assignment))


def _due(plan: Plan, work: Rows) -> dict[str, datetime | None]:
    """Return the concepts of published work still to be done in time, each with its earliest due date."""
    due: dict[str, datetime | None] = {}
    for row in work:
        if row["state"] in {"not_started", "in_progress"} and not row["is_due"]:
            for concept in plan.by_assignment.get(row["assignment_id"], ()):
                dates = [date for date in (due.get(concept), row["due_at"]) if date is not None]
                due[concept] = min(dates, default=None)
    return due


def _steps(plan: Plan, standings: dict[str, Row], due: dict[str, datetime | None]) -> list[tuple[str, str]]:
    """Return (concept, reason): what may come first, then again what may come first of the rest."""
    needed = {one for concept in due for one in plan.prerequisites.get(concept, ())}
    waiting = [concept for concept in plan.concepts if standings[concept]["band"] != "secure"]
    steps = []
    while waiting and len(steps) < _LONGEST:
        free = [concept for concept in waiting if not plan.prerequisites[concept] & set(waiting)]
        ranked = [
            (_urgency(concept, plan, standings, due), waiting.index(concept), concept) for concept in free
        ]
        concept = min(ranked)[-1]
        waiting.remove(concept)
        first = _why(concept, standings[concept], due, needed)
        steps.append((concept, _in_words(first, standings[concept], len(_lacking(concept, plan, standings)))))
    return steps


def _lacking(concept: str, plan: Plan, standings: dict[str, Row]) -> list[str]:
    """Return the prerequisites that are neither secure nor at the threshold with a probability of 0.7."""
    return [
        one
        for one in plan.prerequisites[concept]
        if standings[one]["band"] != "secure" and 1 - standings[one]["below"] < _LIKELY
    ]


def _urgency(
    concept: str, plan: Plan, standings: dict[str, Row], due: dict[str, datetime | None]
) -> tuple[float, ...]:
    chance = standings[concept]["p_next_right"]
    due_at = due.get(concept)
    is_needed = any(concept in plan.prerequisites[one] for one in due)
    return (
        bool(_lacking(concept, plan, standings)),
        concept not in due,
        math.inf if due_at is None else due_at.timestamp(),
        not is_needed,
        chance if is_needed else 0,
        not _REACH[0] <= chance <= _REACH[1],
    )


def _why(concept: str, standing: Row, due: dict[str, datetime | None], needed: set[str]) -> str:
    if concept in due:
        due_at = due[concept]
        if due_at is None:
            return "Assigned work practises it."
        return f"Work due on {due_at.astimezone(UTC):%Y-%m-%d} practises it."
    if concept in needed:
        return "Assigned work builds on it."
    chance = standing["p_next_right"]
    words = "Within reach"
    if not _REACH[0] <= chance <= _REACH[1]:
        words = "Hard at present" if chance < _REACH[0] else "Well on the way"
    return f"{words}: the next answer is right with a probability of about {round(100 * chance)} %."


def _in_words(first: str, standing: Row, lacking: int) -> str:
    reason = f"{first} {_WORDS.get(standing['band'], 'Not secure yet.')}"
    if lacking:
        noun = "prerequisite" if lacking == 1 else "prerequisites"
        reason += f" Comes late because {lacking} {noun} may need work first."
    return reason


def _shelves(facts: Facts, first: Rows, rates: Rates) -> Callable[[str, str, str], Shelf]:
    """Return the function (school, teacher, concept) → questions with their easiness."""
    banks = {row["id"]: row for row in facts.standing("question_banks")}
    tags = grouped(facts["bank_question_concepts"], lambda row: row["question_id"])
    outcomes = grouped(first, lambda row: row["question_id"])
    copies = _copies(facts)
    shared: dict[tuple[str, str], Shelf] = defaultdict(list)
    private: dict[tuple[str, str], Shelf] = defaultdict(list)
    for row in facts.standing("bank_questions"):
        bank, tagged = banks.get(row["bank_id"]), sorted(tag["concept_id"] for tag in tags.get(row["id"], ()))
        if bank is None or not tagged:
            continue
        prior = prior_rate(tagged, row["difficulty"], rates.concepts, rates.mean)
        answered = [one["outcome"] for copy in copies[row["id"]] for one in outcomes.get(copy, ())]
        rate = (sum(answered) + 10 * prior) / (len(answered) + 10)
        for concept in tagged:
            if bank["is_shared"]:
                shared[row["school_id"], concept].append((logit(rate), row["id"]))
            else:
                private[bank["owner_id"], concept].append((logit(rate), row["id"]))
    return lambda school, teacher, concept: [*shared[school, concept], *private[teacher, concept]]


def _copies(facts: Facts) -> dict[str, set[str]]:
    """Return by bank question the questions of assignments that were taken from it, or put into it."""
    copies: dict[str, set[str]] = defaultdict(set)
    for row in facts["questions"]:
        origin = row["provenance"] or {}
        if origin.get("origin") == "bank":
            copies[origin["question_id"]].add(row["id"])
    for row in facts["bank_questions"]:
        origin = row["provenance"] or {}
        if origin.get("origin") == "assignment":
            copies[row["id"]].add(origin["question_id"])
    return copies


def _practice(ability: float, shelf: Shelf) -> list[str]:
    """The five nearest to 70 % chance; those outside 50-85 % only to have three."""
    low, best, high = ((logit(chance) - A0 - A2 * ability) / A1 for chance in (_REACH[0], 0.7, _REACH[1]))
    nearest = sorted(shelf, key=lambda rated: (round(abs(rated[0] - best), 9), rated[1]))[:5]
    return [name for place, (easiness, name) in enumerate(nearest) if place < 3 or low <= easiness <= high]
