"""What students were set and what became of it: completion, activity, class performance, progress."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tests.oracle.facts import Facts, Row, Rows, grouped, middle, pair
from tests.oracle.oracle_copies import accommodated, due_dates

STATES = ("excused", "not_started", "in_progress", "submitted", "graded")
_GRACE_SECONDS = 60
_SMALL = 10


def judged_work(facts: Facts, places: Rows) -> Rows:
    """Return one row per place and assignment given: its state, and whether it is due, missing or late."""
    given = grouped(
        (row for row in facts.standing("assignments") if row["status"] != "draft"),
        lambda row: row["class_id"],
    )
    attempts = grouped(
        facts.standing("student_submissions"), lambda row: (row["assignment_id"], row["student_id"])
    )
    grades = {(row["assignment_id"], row["student_id"]): row for row in facts["grades"]}
    due, has_more_time = due_dates(facts), accommodated(facts)
    work = []
    for place in places:
        for assignment in given.get(place["class_id"], ()):
            key = (assignment["id"], place["student_id"])
            where = (place["class_id"], *key)
            row = place | {
                "assignment_id": assignment["id"],
                "status": assignment["status"],
                "class_due_at": assignment["due_at"],
                "due_at": due(*where),
                "is_accommodated": has_more_time(*where),
                "grade": grades.get(key),
            }
            work.append(row | _judged(row, attempts.get(key, []), facts.now))
    return work


def _judged(row: Row, attempts: Rows, now: datetime) -> Row:
    grade: Row = row["grade"] or {}
    handed_in = [one["submitted_at"] for one in attempts if one["submitted_at"] is not None]
    is_excused = bool(grade.get("is_excused"))
    is_due = row["due_at"] is not None and math.ceil((now - row["due_at"]).total_seconds()) > _GRACE_SECONDS
    has_word = grade.get("is_entered") or grade.get("overridden_at") is not None
    never_came = is_due and not handed_in and not has_word
    said = grade.get("is_missing")
    return {
        "handed_in_at": max(handed_in, default=None),
        "attempt_count": len(attempts),
        "active_ms": sum(one["active_ms"] for one in attempts),
        "is_due": is_due,
        "state": _state(grade, attempts, is_handed_in=bool(handed_in)),
        "is_missing": not is_excused and (never_came if said is None else said),
        "is_late": not is_excused and grade.get("late_seconds", 0) > 0,
    }


def _state(grade: Row, attempts: Rows, *, is_handed_in: bool) -> str:
    if grade.get("is_excused"):
        return "excused"
    if grade.get("status") == "graded" and grade["source"] != "missing":
        return "graded"
    if is_handed_in:
        return "submitted"
    return "in_progress" if attempts else "not_started"


def assignment_completion(facts: Facts, work: Rows) -> Rows:
    rows = []
    for own in grouped(work, lambda row: row["assignment_id"]).values():
        states = Counter(row["state"] for row in own)
        expected = len(own) - states["excused"]
        percents = [
            float(row["grade"]["percent"])
            for row in own
            if row["state"] == "graded" and row["grade"]["percent"] is not None
        ]
        done = states["submitted"] + states["graded"]
        rows.append(
            {name: own[0][name] for name in ("school_id", "class_id", "assignment_id")}
            | {f"{state}_count": states[state] for state in STATES}
            | {
                "district_id": facts.district_id,
                "due_at": own[0]["class_due_at"],
                "assigned_count": len(own),
                "late_count": sum(row["is_late"] for row in own),
                "missing_count": sum(row["is_missing"] for row in own),
                "completion_percent": 100 * done / expected if expected else None,
                "average_percent": _mean(percents),
                "median_percent": middle(percents) if percents else None,
            }
        )
    return rows


def _mean(numbers: Iterable[float]) -> float | None:
    values = list(numbers)
    return sum(values) / len(values) if values else None


def class_activity(facts: Facts, marts: dict[str, Rows], places: Rows) -> Rows:
    """Count by class and day (UTC) what students with a place in the class did."""
    schools = {pair(row): row["school_id"] for row in places}
    days: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    active: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    sources = (
        ("event_count", "events", "actor_id", "event_time"),
        ("answer_count", "answers", "student_id", "answered_at"),
        ("hand_in_count", "attempts", "student_id", "submitted_at"),
    )
    for kind, mart, actor, moment in sources:
        for row in marts[mart]:
            who = (row["class_id"], row[actor])
            if who in schools and row[moment] is not None:
                day = (schools[who], row["class_id"], row[moment].astimezone(UTC).date())
                days[day][kind] += 1
                active[day].add(row[actor])
    return [
        {"district_id": facts.district_id, "school_id": key[0], "class_id": key[1], "day": key[2]}
        | {kind: counts[kind] for kind, *_ in sources}
        | {"active_count": len(active[key])}
        for key, counts in days.items()
    ]


def class_performance(facts: Facts, places: Rows) -> Rows:
    """Points-based percents of the students, and the share of published work handed in."""
    published = grouped(
        (row for row in facts.standing("assignments") if row["status"] == "published"),
        lambda row: row["class_id"],
    )
    handed_in = {
        (row["assignment_id"], row["student_id"])
        for row in facts.standing("student_submissions")
        if row["status"] != "in_progress"
    }
    standing = {row["id"] for row in facts.standing("assignments")}
    grades = grouped((row for row in facts["grades"] if _counts(row, standing)), pair)
    classes = {row["id"]: row for row in facts["classes"]}
    rows = []
    for class_id, members in grouped(places, lambda row: row["class_id"]).items():
        own, work = classes[class_id], [row["id"] for row in published.get(class_id, ())]
        percents = [one for row in members if (one := _points_percent(grades.get(pair(row), []))) is not None]
        done = sum((assignment, row["student_id"]) in handed_in for assignment in work for row in members)
        steps = Counter(min(int(percent // 10), 9) for percent in percents)
        rows.append(
            {
                name: own[name]
                for name in ("district_id", "school_id", "subject", "grade_level", "school_year")
            }
            | {
                "class_id": class_id,
                "student_count": len(members),
                "graded_count": len(percents),
                "average_percent": _mean(percents),
                "median_percent": middle(percents) if percents else None,
                "completion_percent": 100 * done / (len(work) * len(members)) if work else None,
                "distribution": [steps[step] for step in range(10)],
                "is_small_cell": len(members) < _SMALL,
            }
        )
    return rows


def _counts(grade: Row, standing: set[str]) -> bool:
    is_graded = grade["status"] == "graded" and grade["score"] is not None
    return is_graded and not grade["is_excused"] and grade["assignment_id"] in standing


def _points_percent(grades: Rows) -> float | None:
    possible = sum(row["possible"] for row in grades)
    return float(100 * sum(row["score"] for row in grades) / possible) if possible else None


def student_progress(facts: Facts, marts: dict[str, Rows], work: Rows, places: Rows) -> Rows:
    answers, works = grouped(marts["answers"], pair), grouped(work, pair)
    grades = {pair(row): row for row in marts["class_grades"]}
    bands: dict[str, dict[str, str]] = defaultdict(dict)
    for row in marts["concept_mastery"]:
        bands[row["student_id"]][row["concept_id"]] = row["band"]
    practised: dict[str, set[str]] = defaultdict(set)
    for row in marts["answers"]:
        practised[row["class_id"]].update(row["concept_ids"])
    rows = []
    for place in places:
        mine, own = answers.get(pair(place), []), works.get(pair(place), [])
        known = bands[place["student_id"]] if mine else {}
        words = [band for concept, band in known.items() if concept in practised[place["class_id"]]]
        grade = grades.get(pair(place), {})
        rows.append(
            place
            | {"district_id": facts.district_id}
            | _work_done(own)
            | {name: grade.get(name) for name in ("current_percent", "all_current_percent")}
            | {
                "answer_count": sum(row["is_first_graded"] for row in mine),
                "share_right": _mean(row["outcome"] for row in mine if row["is_first_graded"]),
                "last_answered_at": max((row["answered_at"] for row in mine), default=None),
                "concept_count": len(words),
                "secure_count": words.count("secure"),
                "struggling_count": words.count("struggling"),
            }
        )
    return rows


def _work_done(work: Rows) -> Row:
    assigned = [row for row in work if row["state"] != "excused"]
    done = sum(row["state"] in {"submitted", "graded"} for row in assigned)
    handed_in = [row["handed_in_at"] for row in work if row["handed_in_at"] is not None]
    return {
        "assigned_count": len(assigned),
        "done_count": done,
        "missing_count": sum(row["is_missing"] for row in assigned),
        "late_count": sum(row["is_late"] for row in assigned),
        "completion_percent": 100 * done / len(assigned) if assigned else None,
        "attempt_count": sum(row["attempt_count"] for row in work),
        "active_ms": sum(row["active_ms"] for row in work),
        "last_handed_in_at": max(handed_in, default=None),
    }
