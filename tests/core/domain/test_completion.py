from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from core.domain.completion import assignment_completion, judged_work, student_completion

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SCHEMA = {
    "school_id": pl.String(),
    "class_id": pl.String(),
    "assignment_id": pl.String(),
    "student_id": pl.String(),
    "class_due_at": pl.Datetime("us", "UTC"),
    "due_at": pl.Datetime("us", "UTC"),
    "handed_in_at": pl.Datetime("us", "UTC"),
    "attempt_count": pl.Int64(),
    "grade_status": pl.String(),
    "grade_source": pl.String(),
    "percent": pl.Decimal(38, 10),
    "late_seconds": pl.Int64(),
    "is_excused": pl.Boolean(),
    "is_entered": pl.Boolean(),
    "is_overridden": pl.Boolean(),
    "said_missing": pl.Boolean(),
}
NOTHING: dict[str, Any] = {
    **dict.fromkeys(SCHEMA),
    "school_id": "s",
    "class_id": "c",
    "assignment_id": "a",
    "student_id": "ana",
    "attempt_count": 0,
}
HANDED_IN = {"handed_in_at": NOW - timedelta(hours=2), "attempt_count": 1}
GRADED = {**HANDED_IN, "grade_status": "graded", "grade_source": "automatic", "percent": Decimal(80)}
PAST, FUTURE = {"due_at": NOW - timedelta(minutes=2)}, {"due_at": NOW + timedelta(minutes=2)}


def judged(*cells: dict[str, Any]) -> pl.DataFrame:
    return judged_work(pl.DataFrame([{**NOTHING, **cell} for cell in cells], schema=SCHEMA), as_of=NOW)


@pytest.mark.parametrize(
    ("cell", "state", "is_missing"),
    [
        ({}, "not_started", False),
        (PAST, "not_started", True),
        (FUTURE, "not_started", False),
        ({"due_at": NOW - timedelta(seconds=60)}, "not_started", False),
        ({**PAST, "attempt_count": 1}, "in_progress", True),
        ({**PAST, **HANDED_IN}, "submitted", False),
        ({**PAST, **GRADED}, "graded", False),
        ({**PAST, **GRADED, "said_missing": True}, "graded", True),
        ({**PAST, "said_missing": False}, "not_started", False),
        ({**PAST, "is_excused": True}, "excused", False),
        ({**PAST, "is_excused": True, "said_missing": True}, "excused", False),
        (
            {**PAST, "grade_status": "graded", "grade_source": "missing", "percent": Decimal(0)},
            "not_started",
            True,
        ),
        ({**PAST, "grade_status": "graded", "grade_source": "teacher", "is_entered": True}, "graded", False),
        (
            {**PAST, "grade_status": "graded", "grade_source": "override", "is_overridden": True},
            "graded",
            False,
        ),
    ],
)
def test_one_word_says_where_a_student_stands(cell: dict[str, Any], state: str, is_missing: bool) -> None:
    row = judged(cell).row(0, named=True)
    assert (row["state"], row["is_missing"]) == (state, is_missing)


def test_an_assignment_is_complete_in_the_share_of_those_who_are_not_excused() -> None:
    cells = [
        {"student_id": "ana", **GRADED, "late_seconds": 90},
        {"student_id": "ben", **GRADED, "percent": Decimal(60)},
        {"student_id": "cem", **HANDED_IN},
        {"student_id": "dua", **PAST},
        {"student_id": "eva", "is_excused": True},
    ]
    row = assignment_completion(judged(*cells)).row(0, named=True)
    counts = {
        name: row[f"{name}_count"] for name in ("assigned", "excused", "graded", "submitted", "not_started")
    }
    assert counts == {"assigned": 5, "excused": 1, "graded": 2, "submitted": 1, "not_started": 1}
    assert (row["late_count"], row["missing_count"]) == (1, 1)
    assert (row["completion_percent"], row["average_percent"], row["median_percent"]) == (75.0, 70.0, 70.0)


def test_where_everybody_is_excused_there_is_no_percent() -> None:
    row = assignment_completion(judged({"is_excused": True})).row(0, named=True)
    assert (row["completion_percent"], row["average_percent"]) == (None, None)


def test_excused_work_is_not_assigned_to_the_student() -> None:
    cells = [
        {"assignment_id": "a", **GRADED},
        {"assignment_id": "b", **PAST},
        {"assignment_id": "c", "is_excused": True},
    ]
    row = student_completion(judged(*cells)).row(0, named=True)
    assert (row["assigned_count"], row["done_count"], row["missing_count"]) == (2, 1, 1)
    assert (row["completion_percent"], row["last_handed_in_at"]) == (50.0, HANDED_IN["handed_in_at"])
