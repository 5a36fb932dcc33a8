"""A simulated term beside the truth behind it: what everyone really knows week by week, and how they end.

The answers are those of the demo; the product's own rules judge them. The truth never reaches the product.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl

from ops.demo.answering import BLIND_RATE, Work, hasty_share, live_through
from ops.demo.coursework import Coursework, plan_coursework
from ops.demo.curriculum import CONCEPTS, Subject
from ops.demo.learners import GUESS_RATE, Indices, Knowledge, Numbers, Traits, chance_of_right, draw_traits
from ops.demo.people import DISTRICTS, People, settle
from ops.demo.semester import WEEK, Semester, semester_before

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Term:
    """One district's term. `levels[week]` (students, concepts) is the knowledge in logits after that week."""

    people: People
    coursework: Coursework
    semester: Semester
    traits: Traits
    work: Work
    levels: list[Numbers]

    @property
    def students(self) -> Indices:
        """Rows of `people.users` that are students."""
        return np.arange(self.people.first_student, len(self.people.users))


def live_term(number: int, *, students: int, weeks: int, seed: int) -> Term:
    """Simulate a term of one of the demo's districts; equal arguments give an equal term."""
    random = np.random.default_rng([seed, students, weeks, number])
    semester = semester_before(NOW, weeks)
    people = settle(DISTRICTS[number], students, random)
    coursework = plan_coursework(people, semester, random)
    traits = draw_traits(len(people.users) - people.first_student, weeks, random)
    levels: list[Numbers] = []
    everyone, all_concepts = np.indices((len(traits.pace), len(CONCEPTS)))

    def remember(_week: int, knowledge: Knowledge) -> None:
        flat = knowledge.level(everyone.ravel(), all_concepts.ravel())
        levels.append(flat.reshape(everyone.shape))

    work = live_through(people, coursework, traits, semester=semester, random=random, observe=remember)
    return Term(people, coursework, semester, traits, work, levels)


def answers_until(term: Term, week: int) -> pl.DataFrame:
    """Return the first answers of each attempt given by the end of a week, as calibration wants them.

    The first week is 1.
    """
    questions = term.coursework.questions.with_row_index("question").select(
        pl.col("question").cast(pl.Int64),
        possible="points",
        question_id=pl.format("q{}", "question"),
        concept_ids=pl.concat_list(pl.col("concept", "second_concept"))
        .list.drop_nulls()
        .cast(pl.List(pl.String)),
    )
    attempts = term.work.attempts.with_row_index("attempt").select(
        pl.col("attempt").cast(pl.Int64), student_id=pl.col("student").cast(pl.String)
    )
    return (
        term.work.answers.filter(pl.col("counts") & (pl.col("answered") < term.semester.week_start(week)))
        .with_row_index("answer")
        .join(questions, on="question", how="left")
        .join(attempts, on="attempt", how="left")
        .select(
            "student_id",
            "question_id",
            "concept_ids",
            answer_id=pl.col("answer").cast(pl.String).str.zfill(9),
            answered_at=pl.from_epoch("answered", "ms").dt.cast_time_unit("us").dt.replace_time_zone("UTC"),
            outcome=pl.col("points") / pl.col("possible"),
        )
    )


def true_mastery(term: Term, week: int) -> pl.DataFrame:
    """Return student_id, concept_id and true_percent: the share right to expect of the concept's questions so far.

    As the student works now: who answers in haste gets less right than they know.
    """
    numbered = term.coursework.questions.join(
        term.coursework.assignments.select("assignment", "week"), on="assignment"
    ).filter(pl.col("week") < week)
    haste = hasty_share(term.traits.engagement[:, week - 1])
    subject = np.array([list(Subject).index(concept.subject) for concept in CONCEPTS])
    parts = []
    for concept, questions in sorted(numbered.partition_by("concept", as_dict=True).items()):
        place = int(concept[0])
        proficiency = term.traits.ability[:, subject[place]] + term.levels[week - 1][:, place]
        percents = 100.0 * _expected_share(proficiency, haste, questions)
        students = pl.Series("student_id", [str(row) for row in term.students])
        parts.append(
            pl.DataFrame([students]).with_columns(concept_id=pl.lit(str(place)), true_percent=percents)
        )
    return pl.concat(parts)


def _expected_share(proficiency: Numbers, haste: Numbers, questions: pl.DataFrame) -> Numbers:
    """Average over the questions' hardness; written answers cannot be guessed."""
    kinds = questions.select("hardness", is_written=pl.col("correct_position") < 0)
    counted = kinds.group_by("hardness", "is_written").len("count").sort("hardness", "is_written")
    total = np.zeros(len(proficiency))
    for hardness, is_written, count in counted.iter_rows():
        guess, blind = (0.0, 0.0) if is_written else (GUESS_RATE, BLIND_RATE)
        careful = chance_of_right(proficiency, np.array(hardness), guess=guess)
        total += count * ((1.0 - haste) * careful + haste * blind)
    return total / len(questions)


def end_of_week(term: Term, week: int) -> datetime:
    """Return the end of a week, 1 being the first."""
    return datetime.fromtimestamp((term.semester.start + week * WEEK) / 1000, tz=UTC)
