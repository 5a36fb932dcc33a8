"""Attempts and answers: graded one by one, added up, and turned into rows."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ops.demo.answering import Work
from ops.demo.coursework import Coursework
from ops.demo.coursework_rows import CourseworkIds, letters
from ops.demo.identifiers import uuid7_strings
from ops.demo.roll import Roll, Tables, stamps, times
from ops.demo.semester import DAY, HOUR, Semester

_TEACHER_FEEDBACK = (
    "Please read this part again and write down one idea you are sure of.",
    "A good start. Add a second idea to make it complete.",
    "Complete and clear.",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """`Work` with everything that follows from it, still by position, and the ids given to it.

    `attempts` adds attempt (its row), id, submitted, score, possible, automatic_score, free_answer_id, free_graded,
    awaiting, active_ms; `answers` adds id, client_seq, attempt_number, student, class, assignment, finished, status,
    graded, possible, score (null while it waits for the teacher).
    """

    roll: Roll
    coursework: Coursework
    ids: CourseworkIds
    attempts: pl.DataFrame
    answers: pl.DataFrame


def mark(
    roll: Roll,
    coursework: Coursework,
    work: Work,
    *,
    ids: CourseworkIds,
    semester: Semester,
    random: np.random.Generator,
) -> Facts:
    """Grade every answer (a teacher needs one to four days for a text) and add up every attempt."""
    attempts = work.attempts.with_row_index("attempt").cast({"attempt": pl.Int64})
    attempts = attempts.with_columns(
        id=uuid7_strings(attempts["started"].to_numpy(), random),
        submitted=pl.when("finished").then(
            pl.min_horizontal(pl.col("last_answered") + 3_000, pl.lit(semester.end))
        ),
        possible=coursework.assignments["possible"].gather(attempts["assignment"]),
    )
    answers = _marked_answers(coursework, work, attempts, semester, random)
    totals = (
        answers.filter("counts")
        .group_by("attempt")
        .agg(
            score=pl.col("score").sum(),
            automatic_score=pl.col("score").filter(pl.col("choice") >= 0).sum(),
            free_answer_id=pl.col("id").filter(pl.col("choice") < 0).first(),
            free_graded=pl.col("graded").filter(pl.col("choice") < 0).max(),
            awaiting=(pl.col("status") == "awaiting_teacher").any(),
            active_ms=pl.col("time_spent_ms").sum(),
        )
    )
    attempts = attempts.join(totals, on="attempt", how="left", maintain_order="left").with_columns(
        pl.col("score", "automatic_score", "active_ms").fill_null(0),
        pl.col("awaiting").fill_null(value=False),
    )
    return Facts(roll, coursework, ids, attempts, answers)


def _marked_answers(
    coursework: Coursework,
    work: Work,
    attempts: pl.DataFrame,
    semester: Semester,
    random: np.random.Generator,
) -> pl.DataFrame:
    answers = work.answers
    delay = random.integers(20 * HOUR, 4 * DAY, size=len(answers))
    of_attempt = attempts.select("student", "class", "assignment", "attempt_number", "finished")
    answers = pl.concat([answers, of_attempt[answers["attempt"]]], how="horizontal").with_columns(
        id=uuid7_strings(answers["answered"].to_numpy(), random),
        possible=coursework.questions["points"].gather(answers["question"]),
        client_seq=pl.col("answered").rank("ordinal").over("attempt").cast(pl.Int64),
        graded=pl.when(pl.col("choice") >= 0).then("answered").otherwise(pl.col("answered") + delay),
    )
    waits = (pl.col("choice") < 0) & (~pl.col("finished") | (pl.col("graded") >= semester.end))
    return answers.with_columns(
        status=pl.when(waits).then(pl.lit("awaiting_teacher")).otherwise(pl.lit("graded")),
        score=pl.when(~waits).then("points"),
        graded=pl.when(~waits).then("graded"),
    )


def work_tables(facts: Facts) -> Tables:
    """Return the rows of attempts and answers."""
    return {"student_submissions": _submissions(facts), "student_answers": _answers(facts)}


def _submissions(facts: Facts) -> pl.DataFrame:
    attempts, roll = facts.attempts, facts.roll
    return attempts.select(
        district_id=pl.lit(roll.district_id),
        school_id=roll.school_of_classes(attempts["class"]),
        id="id",
        assignment_id=facts.ids.assignments.gather(attempts["assignment"]),
        class_id=roll.classes.gather(attempts["class"]),
        student_id=roll.users.gather(attempts["student"]),
        attempt_number="attempt_number",
        status=pl.when(~pl.col("finished"))
        .then(pl.lit("in_progress"))
        .when("awaiting")
        .then(pl.lit("submitted"))
        .otherwise(pl.lit("graded")),
        started_at=times(attempts["started"]),
        submitted_at=times(attempts["submitted"]),
        score="score",
        possible="possible",
        handed_in_by=pl.when("finished").then(pl.lit("student")),
        active_ms="active_ms",
        last_active_at=times(attempts["submitted"].fill_null(attempts["last_answered"])),
        **stamps(
            times(attempts["started"]), times(attempts["submitted"].fill_null(attempts["last_answered"]))
        ),
    )


def _answers(facts: Facts) -> pl.DataFrame:
    answers, roll = facts.answers, facts.roll
    replies = facts.coursework.questions["replies"].gather(answers["question"])
    is_text = pl.col("choice") < 0
    text = replies.list.get(2 - answers["level"])
    written = pl.struct(text=text).struct.json_encode()
    return answers.select(
        district_id=pl.lit(roll.district_id),
        school_id=roll.school_of_classes(answers["class"]),
        id="id",
        submission_id=facts.attempts["id"].gather(answers["attempt"]),
        assignment_id=facts.ids.assignments.gather(answers["assignment"]),
        question_id=facts.ids.questions.gather(answers["question"]),
        student_id=roll.users.gather(answers["student"]),
        client_seq="client_seq",
        answer=pl.when(is_text).then(written).otherwise(pl.format('{{"option_id":"{}"}}', letters("choice"))),
        status="status",
        is_correct=pl.when(pl.col("score").is_not_null()).then(pl.col("score") == pl.col("possible")),
        score="score",
        possible="possible",
        feedback=pl.when(is_text & (pl.col("status") == "graded")).then(
            pl.col("level").replace_strict(dict(enumerate(_TEACHER_FEEDBACK)), return_dtype=pl.String)
        ),
        time_spent_ms="time_spent_ms",
        counts="counts",
        answered_at=times(answers["answered"]),
        graded_at=times(answers["graded"]),
        graded_by=pl.when(pl.col("score").is_null())
        .then(None)
        .when(is_text)
        .then(pl.lit("teacher"))
        .otherwise(pl.lit("automatic")),
        grader_id=pl.when(is_text & pl.col("score").is_not_null()).then(
            roll.users.gather(roll.people.classes["teacher"].gather(answers["class"]))
        ),
        **stamps(times(answers["answered"]), times(answers["graded"].fill_null(answers["answered"]))),
    )
