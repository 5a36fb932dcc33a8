"""Notifications of the last week, and the numbered stream of events each user's client would pull."""

import numpy as np
import polars as pl

from ops.demo.identifiers import uuid7_strings
from ops.demo.roll import Roll, Tables, stamps, times
from ops.demo.semester import DAY, WEEK, Semester
from ops.demo.work_rows import Facts

_READ_SHARE = 0.6


def inbox_tables(
    facts: Facts, grades: pl.DataFrame, semester: Semester, random: np.random.Generator
) -> Tables:
    """Return notifications, user events without a gap per user, and each user's counter.

    `grades` are the rows of the grades table; only what happened in the last week is told.
    """
    told = pl.concat([_quizzes_opened(facts, semester), _grades_given(facts, grades, semester)])
    told = told.sort("at", "user", "related_id")
    told = told.with_columns(id=uuid7_strings(told["at"].to_numpy(), random))
    read = pl.Series(random.random(len(told)) < _READ_SHARE)
    read_at = pl.when(read & (pl.col("at") < semester.end - DAY)).then(pl.col("at") + DAY // 2)
    told = told.with_columns(read_at=read_at, seq=pl.int_range(1, pl.len() + 1).over("user"))
    return {
        "notifications": _notifications(facts.roll, told),
        "user_events": _user_events(facts.roll, told),
        "user_event_counters": _counters(facts.roll, told, semester),
    }


def _quizzes_opened(facts: Facts, semester: Semester) -> pl.DataFrame:
    """Tell every enrolled student of the quiz that opened this week."""
    roll = facts.roll
    opened = facts.coursework.assignments.filter(pl.col("available") >= semester.end - WEEK)
    rows = opened.join(roll.people.enrollments, on="class", how="inner").sort("assignment", "student")
    return rows.select(
        user="student",
        at="available",
        kind=pl.lit("assignment_published"),
        title=pl.format("New assignment: {}", "title"),
        related_type=pl.lit("assignment"),
        related_id=facts.ids.assignments.gather(rows["assignment"]),
    )


def _grades_given(facts: Facts, grades: pl.DataFrame, semester: Semester) -> pl.DataFrame:
    """Tell each student of a finished grade of the last week."""
    row_of_user = (
        pl.DataFrame({"student_id": facts.roll.users}).with_row_index("user").cast({"user": pl.Int64})
    )
    titles = facts.coursework.assignments.select("title").with_columns(assignment_id=facts.ids.assignments)
    recent = grades.with_columns(at=pl.col("updated_at").dt.epoch("ms")).filter(
        (pl.col("status") == "graded") & (pl.col("at") >= semester.end - WEEK)
    )
    recent = recent.join(row_of_user, on="student_id").join(titles, on="assignment_id")
    return recent.select(
        "user",
        "at",
        kind=pl.lit("grade_updated"),
        title=pl.format("{}: {} of {} points", "title", "score", "possible"),
        related_type=pl.lit("grade"),
        related_id="id",
    )


def _notifications(roll: Roll, told: pl.DataFrame) -> pl.DataFrame:
    at = times(told["at"])
    return told.select(
        "id",
        "kind",
        "title",
        "related_type",
        "related_id",
        district_id=pl.lit(roll.district_id),
        school_id=roll.school_of_users(told["user"]),
        user_id=roll.users.gather(told["user"]),
        read_at=times(told["read_at"]),
        **stamps(at, times(told["read_at"].fill_null(told["at"]))),
    )


def _user_events(roll: Roll, told: pl.DataFrame) -> pl.DataFrame:
    at = times(told["at"])
    payload = pl.struct("kind", "title", "related_type", "related_id").struct.json_encode()
    return told.select(
        "seq",
        district_id=pl.lit(roll.district_id),
        user_id=roll.users.gather(told["user"]),
        school_id=roll.school_of_users(told["user"]),
        name=pl.lit("notification:new"),
        payload=payload,
        occurred_at=at,
        **stamps(at),
    )


def _counters(roll: Roll, told: pl.DataFrame, semester: Semester) -> pl.DataFrame:
    last = told.group_by("user").agg(last_seq=pl.col("seq").max()).sort("user")
    return last.select(
        "last_seq",
        district_id=pl.lit(roll.district_id),
        user_id=roll.users.gather(last["user"]),
        school_id=roll.school_of_users(last["user"]),
        **stamps(times(pl.Series([semester.end]))[0]),
    )
