from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from core.domain.risk_signals import handed_in_averages, hurried, struggling_prerequisites, work_signals

NOW = datetime(2026, 11, 2, tzinfo=UTC)
TIME = pl.Datetime("us", "UTC")
WORK = {
    "class_id": pl.String,
    "student_id": pl.String,
    "assignment_id": pl.String,
    "due_at": TIME,
    "handed_in_at": TIME,
    "state": pl.String,
    "is_due": pl.Boolean,
    "is_missing": pl.Boolean,
    "is_late": pl.Boolean,
}


def work(name: str, due: int | None, **changes: Any) -> dict[str, Any]:
    """An assignment due so many days before NOW, handed in and graded when it was due."""
    due_at = None if due is None else NOW - timedelta(days=due)
    return {
        "class_id": "c",
        "student_id": "s",
        "assignment_id": name,
        "due_at": due_at,
        "handed_in_at": due_at,
        "state": "graded",
        "is_due": due is not None and due > 0,
        "is_missing": False,
        "is_late": False,
    } | changes


def missing(name: str, due: int, **changes: Any) -> dict[str, Any]:
    return work(name, due, handed_in_at=None, state="not_started", is_missing=True) | changes


def signals(*rows: dict[str, Any]) -> dict[str, Any]:
    found = work_signals(pl.DataFrame(rows, schema=WORK), latest=NOW)
    assert found.height == 1
    return found.row(0, named=True)


def test_due_and_graded_work_is_counted_and_other_work_is_not() -> None:
    found = signals(
        work("due and graded", 3),
        work("graded before it is due", -3, handed_in_at=NOW),
        work("not due yet", -3, handed_in_at=None, state="not_started"),
        work("handed in, without a due date", None, handed_in_at=NOW, state="submitted"),
        missing("missing", 5),
    )
    assert (found["counted_assignments"], found["missing_assignments"]) == (3, 1)
    assert found["is_last_counted_missing"] is False


def test_excused_work_is_not_counted() -> None:
    found = signals(work("a", 3), missing("b", 1, state="excused", is_missing=False))
    assert (found["counted_assignments"], found["missing_assignments"]) == (1, 0)


def test_the_last_counted_assignment_is_the_one_due_last() -> None:
    assert signals(missing("b", 1), work("a", 3))["is_last_counted_missing"] is True
    assert signals(missing("b", 3), work("a", 1))["is_last_counted_missing"] is False
    unset = work("no due date", None, handed_in_at=NOW)
    assert signals(missing("b", 3), unset)["is_last_counted_missing"] is False


def test_silence_is_counted_from_the_newest_hand_in() -> None:
    assert signals(work("a", 9), work("b", 4))["days_since_hand_in"] == 4.0
    assert signals(missing("a", 9))["days_since_hand_in"] is None


def test_any_late_work_is_late_work() -> None:
    assert signals(work("a", 9), work("b", 4, is_late=True))["has_late_work"] is True


def test_the_average_of_handed_in_work_leaves_missing_work_out() -> None:
    judged = pl.DataFrame(
        [
            work("a", 9),
            work("b", 4),
            missing("c", 3, state="graded"),
            work("d", 2, state="submitted"),
        ],
        schema=WORK,
    )
    exact = pl.Decimal(38, 10)
    grades = pl.DataFrame(
        [(name, Decimal(score), Decimal(3)) for name, score in [("a", 1), ("b", 3), ("c", 0), ("d", 3)]],
        schema={"assignment_id": pl.String, "score": exact, "possible": exact},
        orient="row",
    ).with_columns(class_id=pl.lit("c"), student_id=pl.lit("s"))
    found = handed_in_averages(judged, grades)
    assert found.rows() == [("c", "s", Decimal("66.67"))]


def test_struggling_counts_what_the_class_builds_on_and_nothing_else() -> None:
    places = pl.DataFrame({"class_id": ["c", "d"], "student_id": ["s", "s"]})
    mastery = pl.DataFrame(
        [("s", "fractions", "struggling"), ("s", "ratios", "developing"), ("s", "verbs", "struggling")],
        schema=["student_id", "concept_id", "band"],
        orient="row",
    )
    builds_on = pl.DataFrame(
        {"class_id": ["c", "c", "c"], "concept_id": ["fractions", "fractions", "ratios"]}
    )
    assert struggling_prerequisites(places, mastery, builds_on).rows() == [("c", "s", 1)]


def answers(count: int, share_right: float, milliseconds: int) -> pl.DataFrame:
    right = round(count * share_right)
    return pl.DataFrame(
        {
            "class_id": ["c"] * count,
            "student_id": ["s"] * count,
            "question_id": [f"q{number}" for number in range(count)],
            "outcome": [1.0] * right + [0.0] * (count - right),
            "time_spent_ms": [milliseconds] * count,
        }
    )


@pytest.mark.parametrize(
    ("count", "share_right", "milliseconds", "is_hurried"),
    [
        (10, 0.3, 3_000, True),
        (9, 0.3, 3_000, False),
        (10, 0.4, 3_000, False),
        (10, 0.3, 3_500, False),
    ],
    ids=["guesses", "too few answers", "quick and right", "not so fast"],
)
def test_who_answers_fast_and_no_better_than_chance_seems_to_guess(
    count: int, share_right: float, milliseconds: int, is_hurried: bool
) -> None:
    statistics = pl.DataFrame(
        {"question_id": [f"q{number}" for number in range(10)], "median_time_ms": [10_000.0] * 10}
    )
    found = hurried(answers(count, share_right, milliseconds), statistics)
    assert found.height == int(is_hurried)


def test_a_question_nobody_took_time_for_says_nothing() -> None:
    statistics = pl.DataFrame(
        {"question_id": [f"q{number}" for number in range(10)], "median_time_ms": [0.0] * 10}
    )
    assert hurried(answers(10, 0.0, 0), statistics).is_empty()
