"""Rows of assignments, their questions and the concepts these practise."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ops.demo.answering import MAX_ATTEMPTS
from ops.demo.coursework import Coursework
from ops.demo.identifiers import Milliseconds, uuid7_strings
from ops.demo.questions import OPTION_IDS
from ops.demo.roll import Roll, Tables, stamps, times
from ops.demo.semester import DAY


@dataclass(frozen=True, slots=True)
class CourseworkIds:
    """Ids by position in `Coursework`."""

    assignments: pl.Series
    questions: pl.Series


def number_coursework(coursework: Coursework, random: np.random.Generator) -> CourseworkIds:
    """Give every assignment and question an id from the day before the assignment opens."""
    written = _written(coursework)
    owner, position = (
        coursework.questions["assignment"].to_numpy(),
        coursework.questions["position"].to_numpy(),
    )
    return CourseworkIds(uuid7_strings(written, random), uuid7_strings(written[owner] + position, random))


def _written(coursework: Coursework) -> Milliseconds:
    available: Milliseconds = coursework.assignments["available"].to_numpy()
    return available - DAY + np.arange(len(available))


def coursework_tables(roll: Roll, coursework: Coursework, ids: CourseworkIds) -> Tables:
    """Return the rows of assignments, of questions, and of the concepts each question practises."""
    return {
        "assignments": _assignments(roll, coursework, ids),
        "questions": _questions(roll, coursework, ids),
        "question_concepts": _question_concepts(roll, coursework, ids),
    }


def _assignments(roll: Roll, coursework: Coursework, ids: CourseworkIds) -> pl.DataFrame:
    assignments = coursework.assignments
    return assignments.select(
        district_id=pl.lit(roll.district_id),
        school_id=roll.school_of_classes(assignments["class"]),
        id=ids.assignments,
        class_id=roll.classes.gather(assignments["class"]),
        title="title",
        instructions=pl.lit("Read each question carefully. You have two attempts; the better one counts."),
        category=pl.lit("Weekly quizzes"),
        status=pl.lit("published"),
        available_at=times(assignments["available"]),
        due_at=times(assignments["due"]),
        max_attempts=pl.lit(MAX_ATTEMPTS),
        published_at=times(assignments["available"]),
        **stamps(times(_written(coursework)), times(assignments["available"])),
    )


def _questions(roll: Roll, coursework: Coursework, ids: CourseworkIds) -> pl.DataFrame:
    questions = coursework.questions
    owner = questions["assignment"]
    return questions.select(
        district_id=pl.lit(roll.district_id),
        school_id=_school_of_questions(roll, coursework),
        id=ids.questions,
        assignment_id=ids.assignments.gather(owner),
        position="position",
        kind=pl.when(pl.col("options").is_null())
        .then(pl.lit("free_response"))
        .otherwise(pl.lit("multiple_choice")),
        prompt="prompt",
        points="points",
        difficulty="difficulty",
        options="options",
        correct_option=letters("correct_position"),
        model_answer="model_answer",
        rubric="rubric",
        explanation="explanation",
        **stamps(times(_written(coursework)[owner.to_numpy()])),
    )


def _school_of_questions(roll: Roll, coursework: Coursework) -> pl.Series:
    owner = coursework.questions["assignment"]
    return roll.school_of_classes(coursework.assignments["class"].gather(owner))


def letters(position_column: str) -> pl.Expr:
    """Turn a place among the options into its letter; −1 has none."""
    return pl.col(position_column).replace_strict(
        {-1: None} | dict(enumerate(OPTION_IDS)), return_dtype=pl.String
    )


def _question_concepts(roll: Roll, coursework: Coursework, ids: CourseworkIds) -> pl.DataFrame:
    questions = coursework.questions.with_columns(
        question_id=ids.questions, school_id=_school_of_questions(roll, coursework)
    )
    tagged = [
        questions.select("question_id", "school_id", "concept"),
        questions.select("question_id", "school_id", concept="second_concept").drop_nulls("concept"),
    ]
    pairs = pl.concat(tagged)
    return pairs.select(
        "question_id",
        "school_id",
        district_id=pl.lit(roll.district_id),
        concept_id=roll.concepts.gather(pairs["concept"]),
    )
