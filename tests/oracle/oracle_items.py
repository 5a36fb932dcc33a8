"""How questions behave, how far models agree with teachers, and time at work."""

import math
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction

from tests.oracle.facts import Facts, Row, Rows, grouped, middle
from tests.oracle.oracle_rates import first_graded

_FEWEST_STUDENTS = 10
_FEWEST_FOR_NORM = 5
_SAME_PLACES = 9
"""Means that differ by less are equal numbers, added in another order."""


def question_statistics(facts: Facts, answers: Rows) -> Rows:
    first = first_graded(answers)
    averages = _averages(first)
    rows = []
    for question_id, own in grouped(first, lambda row: row["question_id"]).items():
        chosen = Counter(row["selected_option"] for row in own if row["selected_option"] is not None)
        where = ("school_id", "class_id", "assignment_id", "question_kind", "concept_ids")
        rows.append(
            {"district_id": facts.district_id, "question_id": question_id}
            | {name: own[0][name] for name in where}
            | {
                "answer_count": len(own),
                "student_count": len({row["student_id"] for row in own}),
                "share_right": sum(row["outcome"] for row in own) / len(own),
                "discrimination": _discrimination(question_id, averages[own[0]["class_id"]]),
                "median_time_ms": middle(row["time_spent_ms"] for row in own),
                "option_ids": sorted(chosen),
                "option_counts": [chosen[option] for option in sorted(chosen)],
            }
        )
    return rows


def _averages(first: Rows) -> dict[str, dict[str, dict[str, float]]]:
    """Return by class, student and question the mean outcome over the student's attempts."""
    outcomes: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for (class_id, student, question), rows in grouped(
        first, lambda row: (row["class_id"], row["student_id"], row["question_id"])
    ).items():
        outcomes[class_id][student][question] = sum(row["outcome"] for row in rows) / len(rows)
    return outcomes


def _discrimination(question_id: str, students: dict[str, dict[str, float]]) -> float | None:
    """Pearson's r of the outcomes on a question with the same students' mean outcome on the class's others."""
    points = []
    for outcomes in students.values():
        others = [outcome for name, outcome in outcomes.items() if name != question_id]
        if question_id in outcomes and others:
            points.append((outcomes[question_id], round(sum(others) / len(others), _SAME_PLACES)))
    if len(points) < _FEWEST_STUDENTS:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if len(set(xs)) < 2 or len(set(ys)) < 2:
        return None
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    together = sum((x - mean_x) * (y - mean_y) for x, y in points)
    spread = sum((x - mean_x) ** 2 for x in xs) * sum((y - mean_y) ** 2 for y in ys)
    return together / math.sqrt(spread)


def grading_agreement(facts: Facts) -> Rows:
    """Only what a model proposed in time counts; scores are compared in percent of the points."""
    proposals = [row for row in facts["ai_gradings"] if row["mode"] == "ai" and row["state"] != "overtaken"]
    rows = []
    for (school_id, class_id, assignment_id), own in grouped(
        proposals, lambda row: (row["school_id"], row["class_id"], row["assignment_id"])
    ).items():
        states = Counter(row["state"] for row in own)
        pairs = [
            (_percent(row["score"], row), _percent(row["human_score"], row))
            for row in own
            if row["state"] in {"accepted", "changed"}
        ]
        rows.append(
            {
                "district_id": facts.district_id,
                "school_id": school_id,
                "class_id": class_id,
                "assignment_id": assignment_id,
                "proposed_count": len(own),
                "released_count": states["released"],
                "decided_count": len(pairs),
                "accepted_count": states["accepted"],
                "kappa": _kappa(pairs),
                "mean_difference": _rounded(sum(a - b for a, b in pairs) / len(pairs)) if pairs else None,
            }
        )
    return rows


def _percent(score: Decimal, row: Row) -> Fraction:
    return 100 * Fraction(score) / Fraction(row["possible"])


def _kappa(pairs: list[tuple[Fraction, Fraction]]) -> float | None:
    """Quadratic weights: 1 less the disagreement seen over the one that chance would give."""
    seen = sum(((a - b) ** 2 for a, b in pairs), Fraction(0)) * len(pairs)
    by_chance = sum(((a - b) ** 2 for a, _ in pairs for _, b in pairs), Fraction(0))
    return _rounded(1 - seen / by_chance) if by_chance else None


def _rounded(number: Fraction | int) -> float:
    """Four places, half up: of -2.34375 the upper neighbour is -2.3437."""
    return math.floor(Fraction(number) * 10_000 + Fraction(1, 2)) / 10_000


def time_on_task(facts: Facts, attempts: Rows) -> Rows:
    own: dict[tuple[str, str], Rows] = grouped(
        attempts, lambda row: (row["assignment_id"], row["student_id"])
    )
    totals = [
        {
            name: rows[0][name]
            for name in ("district_id", "school_id", "class_id", "assignment_id", "student_id")
        }
        | {
            "attempt_count": len(rows),
            "active_ms": sum(row["active_ms"] for row in rows),
            "is_accommodated": any(row["is_accommodated"] for row in rows),
        }
        for rows in own.values()
    ]
    usual = grouped(
        (row for row in totals if not row["is_accommodated"] and row["active_ms"] > 0),
        lambda row: row["assignment_id"],
    )
    return [row | _norm(row, usual.get(row["assignment_id"], [])) for row in totals]


def _norm(row: Row, usual: Rows) -> Row:
    if len(usual) < _FEWEST_FOR_NORM:
        return {"norm_ms": None, "norm_count": len(usual), "share_of_norm": None}
    norm = middle(one["active_ms"] for one in usual)
    return {"norm_ms": norm, "norm_count": len(usual), "share_of_norm": row["active_ms"] / norm}
