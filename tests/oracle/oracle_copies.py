"""What the marts copied from PostgreSQL must hold, and which rows they must leave out."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.facts import Facts, Row, Rows, grouped

GRACE = timedelta(minutes=1)
Rule = tuple[str, Callable[[Row], bool]]


def _under(column: str, minimum: float) -> Rule:
    return f"{column} is under {minimum}", lambda row: row[column] is not None and row[column] < minimum


def _none_of(column: str, *values: str) -> Rule:
    words = f"{column} is none of: {', '.join(values)}"
    return words, lambda row: row[column] is not None and row[column] not in values


_RULES: Mapping[str, tuple[Rule, ...]] = {
    "events": (_under("duration_ms", 0), _under("client_seq", 0)),
    "answers": (_none_of("selected_option", "a", "b", "c", "d"),),
    "attempts": (
        (
            "started_at is greater than submitted_at",
            lambda row: row["submitted_at"] is not None and row["started_at"] > row["submitted_at"],
        ),
    ),
    "ai_interactions": (_under("cost_usd", 0), _under("calls", 0)),
    "gradebook": (_under("possible", 0),),
    "class_grades": (_under("current_percent", 0),),
}
"""The rules that rows of a random world can break."""

_KEYS = {
    "events": ("actor_id", "event_id", "event_time"),
    "answers": ("answer_id", "answered_at", "class_id", "student_id"),
    "attempts": ("assignment_id", "attempt_number", "class_id", "student_id"),
    "gradebook": ("assignment_id", "class_id", "student_id"),
    "class_grades": ("class_id", "student_id"),
    "ai_interactions": ("asked_at", "interaction_id"),
}


def copies(facts: Facts) -> dict[str, Rows]:
    """Return the rows of the six copied marts and of `rejected_rows`."""
    wanted = {
        "events": _events(facts),
        "answers": _answers(facts),
        "attempts": _attempts(facts),
        "gradebook": _gradebook(facts),
        "class_grades": _class_grades(facts),
        "ai_interactions": _interactions(facts),
    }
    marts: dict[str, Rows] = {"rejected_rows": []}
    for name, rows in wanted.items():
        broken = [(row, words) for row in rows for words, is_broken in _RULES[name] if is_broken(row)]
        marts["rejected_rows"] += [_letter(facts, name, row, words) for row, words in broken]
        left_out = {id(row) for row, _ in broken}
        marts[name] = [row for row in rows if id(row) not in left_out]
    return marts


def _letter(facts: Facts, mart: str, row: Row, words: str) -> Row:
    key = {name: _as_text(row[name]) for name in _KEYS[mart]}
    row_key = json.dumps(key, separators=(",", ":"))
    return {"district_id": facts.district_id, "mart": mart, "row_key": row_key, "reason": words}


def _as_text(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    digits = "milliseconds" if value.microsecond % 1_000 == 0 else "microseconds"
    return value.astimezone(UTC).isoformat(timespec=digits if value.microsecond else "seconds")


def _events(facts: Facts) -> Rows:
    columns = (
        *(
            "district_id",
            "school_id",
            "event_id",
            "event_time",
            "actor_id",
            "verb",
            "object_type",
            "object_id",
        ),
        *("class_id", "assignment_id", "submission_id", "question_id", "occurred_at", "received_at"),
        *("session_id", "client_seq", "duration_ms"),
    )
    return [
        {name: row[name] for name in columns} | {"payload": _canonical(row["payload"])}
        for row in facts["interaction_events"]
    ]


def _canonical(value: Any) -> str:
    """JSON as PostgreSQL writes it: keys by length, then by bytes."""

    def ordered(one: Any) -> Any:
        if isinstance(one, dict):
            names = sorted(one, key=lambda name: (len(name.encode()), name.encode()))
            return {name: ordered(one[name]) for name in names}
        return [ordered(part) for part in one] if isinstance(one, list) else one

    return json.dumps(ordered(value), ensure_ascii=False)


def _answers(facts: Facts) -> Rows:
    attempts = {row["id"]: row for row in facts.standing("student_submissions")}
    questions = {row["id"]: row for row in facts["questions"]}
    tags = grouped(facts["question_concepts"], lambda row: row["question_id"])
    tries = [row for row in facts["student_answers"] if row["submission_id"] in attempts]
    first = _first_graded(tries)
    rows = []
    for row in tries:
        attempt, question = attempts[row["submission_id"]], questions[row["question_id"]]
        same = ("district_id", "school_id", "assignment_id", "question_id", "student_id", "submission_id")
        judged = ("answered_at", "is_correct", "score", "possible", "time_spent_ms")
        rows.append(
            {name: row[name] for name in (*same, *judged)}
            | {
                "class_id": attempt["class_id"],
                "attempt_number": attempt["attempt_number"],
                "question_kind": question["kind"],
                "difficulty": question["difficulty"],
                "concept_ids": sorted(tag["concept_id"] for tag in tags.get(row["question_id"], ())),
                "answer_id": row["id"],
                "selected_option": row["answer"].get("option_id"),
                "outcome": None if row["score"] is None else float(row["score"] / row["possible"]),
                "is_counted": row["counts"],
                "is_first_graded": row["id"] in first,
            }
        )
    return rows


def _first_graded(tries: Rows) -> set[str]:
    """Return the ids of the first graded try per attempt and question."""
    earliest: dict[tuple[str, str], Row] = {}
    for row in tries:
        if row["status"] == "graded":
            place = (row["submission_id"], row["question_id"])
            known = earliest.get(place)
            if known is None or (row["answered_at"], row["id"]) < (known["answered_at"], known["id"]):
                earliest[place] = row
    return {row["id"] for row in earliest.values()}


def due_dates(facts: Facts) -> Callable[[str, str, str], datetime | None]:
    """Return the function (class, assignment, student) → the student's own due date."""
    assignments = {row["id"]: row for row in facts["assignments"]}
    needs = {(row["class_id"], row["student_id"]): row for row in facts["accommodations"]}
    granted = {(row["assignment_id"], row["student_id"]): row for row in facts["assignment_extensions"]}

    def due(class_id: str, assignment_id: str, student_id: str) -> datetime | None:
        extension = granted.get((assignment_id, student_id))
        if extension and extension["due_at"]:
            return extension["due_at"]
        due_at = assignments[assignment_id]["due_at"]
        shift = needs.get((class_id, student_id), {"due_shift_hours": 0})["due_shift_hours"]
        return due_at and due_at + timedelta(hours=shift)

    return due


def accommodated(facts: Facts) -> Callable[[str, str, str], bool]:
    """Return the function (class, assignment, student) → whether the student has more time there."""
    faster = {
        (row["class_id"], row["student_id"])
        for row in facts["accommodations"]
        if row["time_multiplier"] > Decimal(1)
    }
    longer = {
        (row["assignment_id"], row["student_id"])
        for row in facts["assignment_extensions"]
        if row["extra_minutes"] > 0
    }
    return lambda class_id, assignment_id, student_id: (
        (class_id, student_id) in faster or (assignment_id, student_id) in longer
    )


def _attempts(facts: Facts) -> Rows:
    due, has_more_time = due_dates(facts), accommodated(facts)
    counted = Counter(row["submission_id"] for row in facts["student_answers"] if row["counts"])
    asked = Counter(row["assignment_id"] for row in facts.standing("questions"))
    same = (
        *("district_id", "school_id", "class_id", "assignment_id", "student_id", "attempt_number", "status"),
        *("started_at", "submitted_at", "handed_in_by", "score", "possible", "active_ms"),
    )
    rows = []
    for row in facts.standing("student_submissions"):
        where = (row["class_id"], row["assignment_id"], row["student_id"])
        due_at, ended_at = due(*where), row["submitted_at"]
        rows.append(
            {name: row[name] for name in same}
            | {
                "submission_id": row["id"],
                "is_late": bool(due_at and ended_at and ended_at > due_at + GRACE),
                "answer_count": counted[row["id"]],
                "question_count": asked[row["assignment_id"]],
                "is_accommodated": has_more_time(*where),
            }
        )
    return rows


def _gradebook(facts: Facts) -> Rows:
    given = {row["id"]: row for row in facts.standing("assignments")}
    same = (
        *("district_id", "school_id", "class_id", "assignment_id", "student_id", "status", "source", "score"),
        *(
            "possible",
            "percent",
            "entered_score",
            "deduction",
            "override_score",
            "late_seconds",
            "is_excused",
        ),
        *("is_missing", "is_posted", "policy_version", "changed_at"),
    )
    return [
        {name: row[name] for name in same}
        | {"grade_id": row["id"], "category": given[row["assignment_id"]]["category"]}
        for row in facts["grades"]
        if row["assignment_id"] in given
    ]


def _class_grades(facts: Facts) -> Rows:
    classes = {row["id"] for row in facts.standing("classes")}
    places = {
        (row["class_id"], row["student_id"])
        for row in facts.standing("class_enrollments")
        if row["status"] == "approved" and row["class_id"] in classes
    }
    runs = ("current", "final", "all_current", "all_final", "override")
    same = (
        *("district_id", "school_id", "class_id", "student_id", "policy_version", "changed_at"),
        *(f"{run}_{half}" for run in runs for half in ("percent", "letter")),
    )
    return [
        {name: row[name] for name in same} | {"is_overridden": row["overridden_at"] is not None}
        for row in facts["class_grades"]
        if (row["class_id"], row["student_id"]) in places
    ]


def _interactions(facts: Facts) -> Rows:
    same = (
        *(
            "district_id",
            "school_id",
            "purpose",
            "subject_id",
            "status",
            "model",
            "prompt_version",
            "asked_at",
        ),
        *("calls", "input_tokens", "output_tokens", "cost_usd", "latency_ms", "error_code"),
    )
    return [
        {name: row[name] for name in same} | {"interaction_id": row["id"]} for row in facts["ai_interactions"]
    ]
