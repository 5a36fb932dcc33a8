"""Notifications of the last week, and the numbered stream of events each user's client would pull."""

import numpy as np
import polars as pl

from ops.demo.identifiers import uuid7_strings
from ops.demo.roll import Roll, Tables, stamps, times
from ops.demo.semester import DAY, WEEK, Semester
from ops.demo.work_rows import Facts

_READ_SHARE = 0.6


def inbox_tables(facts: Facts, tables: Tables, semester: Semester, random: np.random.Generator) -> Tables:
    """Return notifications, user events without a gap per user, and each user's counter.

    `tables` hold the rows of grades and enrolments; only what happened in the last week is told.
    """
    notices = pl.concat(
        [_quizzes_opened(facts, semester), _places_asked_for(facts, tables["class_enrollments"])]
    )
    notices = notices.sort("at", "user", "related_id")
    told = pl.concat([_announced(notices), _grades_moved(facts, tables["grades"], semester)])
    told = told.sort("at", "user", "payload").with_columns(seq=pl.int_range(1, pl.len() + 1).over("user"))
    return {
        "notifications": _notifications(facts.roll, notices, semester, random),
        "user_events": _user_events(facts.roll, told),
        "user_event_counters": _counters(facts.roll, told, semester),
    }


def _quizzes_opened(facts: Facts, semester: Semester) -> pl.DataFrame:
    """Tell every enrolled student of the quiz that opened this week."""
    opened = facts.coursework.assignments.filter(pl.col("available") >= semester.end - WEEK)
    rows = opened.join(facts.roll.people.enrollments, on="class", how="inner").sort("assignment", "student")
    return rows.select(
        user="student",
        at="available",
        kind=pl.lit("assignment_posted"),
        title="title",
        related_type=pl.lit("assignment"),
        related_id=facts.ids.assignments.gather(rows["assignment"]),
    )


def _places_asked_for(facts: Facts, enrollments: pl.DataFrame) -> pl.DataFrame:
    """Tell teachers of the students who wait for a place in their classes."""
    classes = facts.roll.people.classes.select("name", user="teacher").with_columns(
        class_id=facts.roll.classes
    )
    waiting = enrollments.filter(pl.col("status") == "pending").join(classes, on="class_id")
    return waiting.select(
        "user",
        at=pl.col("requested_at").dt.epoch("ms"),
        kind=pl.lit("enrollment_requested"),
        title=pl.format("A student asks to join {}", "name"),
        related_type=pl.lit("class"),
        related_id="class_id",
    )


def _announced(notices: pl.DataFrame) -> pl.DataFrame:
    """Every notification is also an event of its reader's stream."""
    payload = pl.struct("kind", "title", "related_type", "related_id").struct.json_encode()
    return notices.select("user", "at", name=pl.lit("notification:new"), payload=payload)


def _grades_moved(facts: Facts, grades: pl.DataFrame, semester: Semester) -> pl.DataFrame:
    """Tell each student of the grades of the last week."""
    users = pl.DataFrame({"student_id": facts.roll.users}).with_row_index("user").cast({"user": pl.Int64})
    recent = grades.with_columns(at=pl.col("updated_at").dt.epoch("ms")).filter(
        (pl.col("status") != "in_progress") & (pl.col("at") >= semester.end - WEEK)
    )
    payload = pl.struct(
        "assignment_id",
        "submission_id",
        "percent",
        grade_id="id",
        score=pl.col("score").cast(pl.String),
        possible=pl.col("possible").cast(pl.String),
    ).struct.json_encode()
    return recent.join(users, on="student_id").select(
        "user", "at", name=pl.lit("grade:updated"), payload=payload
    )


def _notifications(
    roll: Roll, notices: pl.DataFrame, semester: Semester, random: np.random.Generator
) -> pl.DataFrame:
    is_read = pl.Series(random.random(len(notices)) < _READ_SHARE)
    read_at = pl.when(is_read & (pl.col("at") < semester.end - DAY)).then(pl.col("at") + DAY // 2)
    notices = notices.with_columns(read_at=read_at)
    at = times(notices["at"])
    return notices.select(
        "kind",
        "title",
        "related_type",
        "related_id",
        id=uuid7_strings(notices["at"].to_numpy(), random),
        district_id=pl.lit(roll.district_id),
        school_id=roll.school_of_users(notices["user"]),
        user_id=roll.users.gather(notices["user"]),
        read_at=times(notices["read_at"]),
        **stamps(at, times(notices["read_at"].fill_null(notices["at"]))),
    )


def _user_events(roll: Roll, told: pl.DataFrame) -> pl.DataFrame:
    at = times(told["at"])
    return told.select(
        "seq",
        "name",
        "payload",
        district_id=pl.lit(roll.district_id),
        user_id=roll.users.gather(told["user"]),
        school_id=roll.school_of_users(told["user"]),
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
