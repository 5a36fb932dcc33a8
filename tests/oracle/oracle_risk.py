"""Students at risk: the signals, the probability they give, the level, and the sentences."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.oracle.facts import Facts, Row, Rows, grouped, half_up, middle, pair, plain_number
from tests.oracle.oracle_rates import sigma

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_LEVELS = (("watch", 0.5), ("concern", 0.65), ("urgent", 0.8))
_STEADY = 0.1


def students_at_risk(facts: Facts, marts: dict[str, Rows], work: Rows, places: Rows) -> Rows:
    works, standings = grouped(work, pair), _standings(marts["class_grades"])
    gradebook = {(row["assignment_id"], row["student_id"]): row for row in marts["gradebook"]}
    moments = [row["handed_in_at"] for row in work] + [row["answered_at"] for row in marts["answers"]]
    latest = max((moment for moment in moments if moment is not None), default=None)
    struggling = _struggling_prerequisites(facts, marts["concept_mastery"])
    hasty = _hasty(marts)
    shown = {pair(row): row["level"] for row in facts["risk_flags"] if row["cleared_at"] is None}
    rows = []
    for place in places:
        own = works.get(pair(place), [])
        grade, percentile = standings.get(pair(place), (None, None))
        signals = _work_signals(own, latest) | {
            "grade_percent": grade,
            "class_percentile": percentile,
            "handed_in_average": _handed_in_average(own, gradebook),
            "struggling_prerequisites": struggling(*pair(place)),
            "is_answering_too_fast": pair(place) in hasty,
        }
        assessed = _assessed(signals, shown.get(pair(place), "none"))
        rows.append({"district_id": facts.district_id} | place | signals | assessed)
    return rows


def _work_signals(work: Rows, latest: datetime | None) -> Row:
    counted = [
        row
        for row in work
        if row["state"] != "excused" and (row["is_due"] or row["state"] == "graded" or row["is_missing"])
    ]
    handed_in = [row["handed_in_at"] for row in work if row["handed_in_at"] is not None]
    last = max(counted, key=_when, default={"is_missing": False})
    silence = (latest - max(handed_in)).total_seconds() / 86_400 if handed_in and latest else None
    return {
        "counted_assignments": len(counted),
        "missing_assignments": sum(row["is_missing"] for row in counted),
        "is_last_counted_missing": last["is_missing"],
        "has_late_work": any(row["is_late"] for row in work),
        "days_since_hand_in": silence,
    }


def _when(row: Row) -> tuple[Any, str]:
    """By the student's own due date; work without one by its hand-in; neither comes first."""
    return row["due_at"] or row["handed_in_at"] or _BEGINNING, row["assignment_id"]


def _standings(grades: Rows) -> dict[tuple[str, str], tuple[Decimal, float]]:
    """Return by place the grade and its standing: the share below plus half of the equals, itself included."""
    current = {}
    for row in grades:
        percent = row["all_current_percent"] if row["override_percent"] is None else row["override_percent"]
        if percent is not None:
            current[pair(row)] = percent
    by_class: dict[str, list[Decimal]] = defaultdict(list)
    for (class_id, _), percent in current.items():
        by_class[class_id].append(percent)
    standings = {}
    for place, percent in current.items():
        others = by_class[place[0]]
        below = sum(one < percent for one in others)
        equal = sum(one == percent for one in others)
        standings[place] = (percent, (below + equal / 2) / len(others))
    return standings


def _handed_in_average(work: Rows, gradebook: dict[tuple[str, str], Row]) -> Decimal | None:
    score = possible = Decimal(0)
    for row in work:
        grade = gradebook.get((row["assignment_id"], row["student_id"]))
        if row["state"] == "graded" and not row["is_missing"] and grade and grade["score"] is not None:
            score += grade["score"]
            possible += grade["possible"]
    return half_up(100 * score / possible, 2) if possible else None


def _struggling_prerequisites(facts: Facts, mastery: Rows) -> Callable[[str, str], int]:
    """Return the function (class, student) → how many concepts its own build on the student struggles with."""
    given = {row["id"]: row["class_id"] for row in facts.standing("assignments") if row["status"] != "draft"}
    asked = {
        row["id"]: given[row["assignment_id"]]
        for row in facts.standing("questions")
        if row["assignment_id"] in given
    }
    practised: dict[str, set[str]] = defaultdict(set)
    for tag in facts["question_concepts"]:
        if tag["question_id"] in asked:
            practised[asked[tag["question_id"]]].add(tag["concept_id"])
    struggles: dict[str, set[str]] = defaultdict(set)
    for row in mastery:
        if row["band"] == "struggling":
            struggles[row["student_id"]].add(row["concept_id"])

    def count(class_id: str, student_id: str) -> int:
        needed = {
            edge["prerequisite_id"]
            for edge in facts["concept_prerequisites"]
            if edge["concept_id"] in practised[class_id]
        }
        return len(needed & struggles[student_id])

    return count


def _hasty(marts: dict[str, Rows]) -> set[tuple[str, str]]:
    """Ten answers to choices or more, in under 0.35 of the usual time, of which at most 0.35 are right."""
    usual = {row["question_id"]: row["median_time_ms"] for row in marts["question_statistics"]}
    choices = [
        row
        for row in marts["answers"]
        if row["is_first_graded"]
        and row["question_kind"] == "multiple_choice"
        and usual[row["question_id"]] > 0
    ]
    found = set()
    for place, rows in grouped(choices, pair).items():
        share = middle(row["time_spent_ms"] / usual[row["question_id"]] for row in rows)
        right = sum(row["outcome"] for row in rows) / len(rows)
        if len(rows) >= 10 and share < 0.35 and right <= 0.35:
            found.add(place)
    return found


def _assessed(signals: Row, shown: str) -> Row:
    counted, missing = signals["counted_assignments"], signals["missing_assignments"]
    if counted < 2:
        return {"probability": None, "level": "not_enough_evidence", "reasons": []}
    days = signals["days_since_hand_in"]
    probability = sigma(
        -2.25
        + 3.2 * (1 - (signals["class_percentile"] or 0))
        + 1.93 * missing / counted
        + 0.32 * signals["has_late_work"]
        + 0.10 * (2 if days is None else min(days / 28, 2))
    )
    grade = signals["grade_percent"]
    is_absolute = (grade is not None and grade < 70) or 3 * missing >= counted
    level = _level(probability, shown) if is_absolute else "none"
    return {"probability": probability, "level": level, "reasons": _reasons(signals)}


def _level(probability: float, shown: str) -> str:
    """A level shown before, and those under it, are left only 0.1 below where they begin."""
    names = [name for name, _ in _LEVELS]
    held = names[: names.index(shown) + 1] if shown in names else []
    reached = [name for name, begin in _LEVELS if probability >= (begin - _STEADY if name in held else begin)]
    return reached[-1] if reached else "none"


def _reasons(signals: Row) -> list[str]:
    counted, missing = signals["counted_assignments"], signals["missing_assignments"]
    grade, average = signals["grade_percent"], signals["handed_in_average"]
    days, lacking = signals["days_since_hand_in"], signals["struggling_prerequisites"]
    reasons = []
    if signals["is_last_counted_missing"]:
        reasons.append("The last counted assignment is missing.")
    if 3 * missing >= counted:
        share = "Two thirds" if 3 * missing >= 2 * counted else "A third"
        reasons.append(f"{share} or more of the counted work is missing ({missing} of {counted}).")
    limits = [limit for limit in (40, 60, 70) if grade is not None and grade < limit]
    if limits:
        reasons.append(f"The current grade is under {limits[0]} ({plain_number(grade)} %).")
    if average is not None and average < 60:
        reasons.append(f"The average of handed-in work is under 60 ({plain_number(average)} %).")
    if signals["has_late_work"]:
        reasons.append("Some work came late.")
    if days is None:
        reasons.append("Nothing has been handed in yet.")
    elif days >= 28:
        reasons.append(f"Nothing has been handed in for {int(days // 7)} weeks.")
    if lacking:
        reasons.append(f"Struggling on {lacking} prerequisite {'concept' if lacking == 1 else 'concepts'}.")
    if signals["is_answering_too_fast"]:
        reasons.append("Answers far faster than others; may be guessing.")
    return reasons
