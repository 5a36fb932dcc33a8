"""Grades and their history: every change in order, the last one being the grade."""

import numpy as np
import polars as pl

from ops.demo.identifiers import uuid7_strings
from ops.demo.roll import Roll, Tables, stamps
from ops.demo.work_rows import Facts


def grade_tables(facts: Facts, random: np.random.Generator) -> Tables:
    """Return the rows of grades and of their history; a grade is the last row of its history."""
    changes = _changes(facts)
    first = changes.filter(pl.col("version") == 1).select("student", "assignment", "at")
    ids = first.select(
        "student", "assignment", grade_id=uuid7_strings(first["at"].to_numpy(), random), created="at"
    )
    changes = changes.join(ids, on=["student", "assignment"], how="left", maintain_order="left")
    return {"grades": _grades(facts, changes), "grade_history": _history(facts, changes)}


def _changes(facts: Facts) -> pl.DataFrame:
    """List what moved each grade: the best attempt so far rose, or its state changed.

    Columns: student, class, assignment, attempt, at, old_score, score, old_status, status, source, answer_id,
    possible, version.
    """
    grade = ["student", "assignment"]
    moments = pl.concat([_hand_ins(facts), _teacher_marks(facts)]).sort(*grade, "at", "attempt", "score")
    best_before = pl.col("score").cum_max().shift(1).over(grade).fill_null(-1)
    moments = moments.with_columns(is_better=pl.col("score") > best_before)
    holder = pl.when("is_better").then("attempt").forward_fill().over(grade)
    return (
        moments.filter(pl.col("is_better") | (pl.col("attempt") == holder))
        .with_columns(
            version=pl.int_range(1, pl.len() + 1).over(grade),
            old_score=pl.col("score").shift(1).over(grade),
            old_status=pl.col("status").shift(1).over(grade),
        )
        .drop("is_better")
    )


def _hand_ins(facts: Facts) -> pl.DataFrame:
    """Multiple choice counts at once; a text waits. An attempt left open counts what was answered."""
    return facts.attempts.select(
        "student",
        "class",
        "assignment",
        "attempt",
        "possible",
        at=pl.coalesce("submitted", "last_answered"),
        score="automatic_score",
        status=pl.when(~pl.col("finished"))
        .then(pl.lit("in_progress"))
        .when(pl.col("free_answer_id").is_not_null())
        .then(pl.lit("awaiting_teacher"))
        .otherwise(pl.lit("graded")),
        source=pl.lit("automatic"),
        answer_id=pl.lit(None, dtype=pl.String),
    )


def _teacher_marks(facts: Facts) -> pl.DataFrame:
    return facts.attempts.filter(pl.col("free_graded").is_not_null() & ~pl.col("awaiting")).select(
        "student",
        "class",
        "assignment",
        "attempt",
        "possible",
        at="free_graded",
        score="score",
        status=pl.lit("graded"),
        source=pl.lit("teacher"),
        answer_id="free_answer_id",
    )


def percent(score: str, possible: str) -> pl.Expr:
    """Return `100 · score / possible` as text with two places, rounded half up in whole numbers."""
    hundredths = (20_000 * pl.col(score) + pl.col(possible)) // (2 * pl.col(possible))
    return pl.format("{}.{}", hundredths // 100, (hundredths % 100).cast(pl.String).str.zfill(2))


def _grades(facts: Facts, changes: pl.DataFrame) -> pl.DataFrame:
    latest = changes.group_by("grade_id", maintain_order=True).last()
    roll = facts.roll
    return latest.select(
        district_id=pl.lit(roll.district_id),
        school_id=roll.school_of_classes(latest["class"]),
        id="grade_id",
        assignment_id=facts.ids.assignments.gather(latest["assignment"]),
        class_id=roll.classes.gather(latest["class"]),
        student_id=roll.users.gather(latest["student"]),
        submission_id=facts.attempts["id"].gather(latest["attempt"]),
        score="score",
        possible="possible",
        entered_score="score",
        percent=percent("score", "possible"),
        status="status",
        source="source",
        version="version",
        **_cause(roll, latest),
        **stamps(_moment("created"), _moment("at")),
    )


def _history(facts: Facts, changes: pl.DataFrame) -> pl.DataFrame:
    roll = facts.roll
    cause = _cause(roll, changes)
    return changes.select(
        district_id=pl.lit(roll.district_id),
        grade_id="grade_id",
        version="version",
        school_id=roll.school_of_classes(changes["class"]),
        old_score="old_score",
        new_score="score",
        possible="possible",
        old_status="old_status",
        new_status="status",
        source="source",
        actor_id=cause["changed_by"],
        reason=cause["change_reason"],
        answer_id=cause["changed_for_answer"],
        changed_at=cause["changed_at"],
        state=pl.format(_STATE, "score"),
        **stamps(_moment("at")),
    )


_STATE = (
    '{{"entered_score":"{}","deduction":"0","late_seconds":0,"is_excused":false,"is_missing":null,'
    '"is_posted":true,"override_score":null}}'
)


def _cause(roll: Roll, changes: pl.DataFrame) -> dict[str, pl.Expr]:
    """Say who changed a grade, when and why, as columns of `grades`."""
    by_teacher = pl.col("source") == "teacher"
    teachers = roll.people.classes["teacher"].gather(changes["class"])
    return {
        "changed_by": pl.when(by_teacher)
        .then(roll.users.gather(teachers))
        .otherwise(roll.users.gather(changes["student"])),
        "change_reason": pl.when(by_teacher).then(pl.lit("reviewed")).otherwise(pl.lit("handed in")),
        "changed_for_answer": pl.col("answer_id"),
        "changed_at": _moment("at"),
    }


def _moment(column: str) -> pl.Expr:
    return pl.from_epoch(column, time_unit="ms").dt.replace_time_zone("UTC")
