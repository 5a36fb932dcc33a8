"""Weekly assignments and their questions; parallel classes of a school get the same quiz."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from ops.demo.curriculum import CONCEPTS, Band, Subject, band_of, positions, sequence
from ops.demo.people import People
from ops.demo.questions import QuestionDraft, free_response, multiple_choice
from ops.demo.semester import DAY, HOUR, Semester

FOCUS_QUESTIONS = 4
REVIEW_QUESTIONS = 2
WEEKS_PER_CONCEPT = 2
FREE_RESPONSE_EVERY = 2
"""Every second weekly quiz ends with a question answered in sentences."""
_SECOND_CONCEPT_SHARE = 0.15

_Quiz = tuple[int, str, int, int]
"""School, subject, grade level, week: what parallel classes share."""


@dataclass(frozen=True, slots=True)
class Coursework:
    """`assignments` (one per class and week, sorted so): class, week, title, available, due, possible, first, size.

    `first` and `size` say which rows of `questions` are its own; `questions`: assignment, position, the fields of
    `QuestionDraft`, and second_concept (null for most). Times are Unix milliseconds.
    """

    assignments: pl.DataFrame
    questions: pl.DataFrame


def plan_coursework(people: People, semester: Semester, random: np.random.Generator) -> Coursework:
    """Write every quiz of the term and hand it to the classes that take it."""
    keys = ["school", "subject", "grade_level", "week"]
    weeks = pl.DataFrame({"week": range(semester.weeks)}, schema={"week": pl.Int64})
    assignments = (
        people.classes.with_row_index("class")
        .cast({"class": pl.Int64})
        .join(weeks, how="cross")
        .sort("class", "week")
        .with_row_index("assignment")
        .cast({"assignment": pl.Int64})
    )
    quizzes = assignments.select(keys).unique().sort(keys)
    drafts = pl.concat([_quiz(quiz, random) for quiz in quizzes.iter_rows()])
    questions = (
        assignments.select("assignment", *keys)
        .join(drafts, on=keys, how="inner")
        .sort("assignment", "position")
        .drop(keys)
    )
    totals = questions.group_by("assignment").agg(
        possible=pl.col("points").sum(), size=pl.len().cast(pl.Int64)
    )
    assignments = assignments.join(totals, on="assignment", how="left", maintain_order="left")
    return Coursework(_dated(assignments, semester), questions)


def _dated(assignments: pl.DataFrame, semester: Semester) -> pl.DataFrame:
    """Open each quiz at the start of its week and have it due six days later."""
    opens = semester.start + pl.col("week") * 7 * DAY
    titles = [
        f"Week {week + 1}: {CONCEPTS[focus_of(Subject(subject), band_of(level), week)].name}"
        for week, subject, level in assignments.select("week", "subject", "grade_level").iter_rows()
    ]
    return assignments.select(
        "assignment",
        "class",
        "week",
        "possible",
        "size",
        pl.Series("title", titles),
        first=pl.col("size").cum_sum() - pl.col("size"),
        available=opens,
        due=opens + 6 * DAY + 12 * HOUR,
    )


def focus_of(subject: Subject, band: Band, week: int) -> int:
    """Return the concept a class works on in a week; after the last it begins again."""
    taught = sequence(subject, band)
    return taught[week // WEEKS_PER_CONCEPT % len(taught)]


def _quiz(quiz: _Quiz, random: np.random.Generator) -> pl.DataFrame:
    """Write one quiz: this week's concept, a look back, and every second week one free response."""
    school, subject_name, grade_level, week = quiz
    subject, band = Subject(subject_name), band_of(grade_level)
    focus = focus_of(subject, band, week)
    taught = sequence(subject, band)
    earlier = [concept for concept in taught if concept < focus] or [focus]
    concepts = [focus] * FOCUS_QUESTIONS + [int(random.choice(earlier)) for _ in range(REVIEW_QUESTIONS)]
    drafts = _without_repeats(concepts, random)
    if week % FREE_RESPONSE_EVERY == 1:
        drafts.append(free_response(focus, random))
    rows = [asdict(draft) | {"replies": list(draft.replies)} for draft in drafts]
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides=_TEXTS).with_columns(
        position=pl.int_range(1, pl.len() + 1),
        second_concept=pl.Series(_second_concepts(concepts, len(drafts), random), dtype=pl.Int64),
        school=pl.lit(school, dtype=pl.Int64),
        subject=pl.lit(subject_name),
        grade_level=pl.lit(grade_level, dtype=pl.Int64),
        week=pl.lit(week, dtype=pl.Int64),
    )


def _without_repeats(concepts: Sequence[int], random: np.random.Generator) -> list[QuestionDraft]:
    """Draft one question per concept, drawing again where a quiz would ask the same thing twice."""
    drafts: dict[tuple[str, str], QuestionDraft] = {}
    for concept in concepts:
        draft = multiple_choice(concept, random)
        while (draft.prompt, draft.explanation) in drafts:
            draft = multiple_choice(concept, random)
        drafts[draft.prompt, draft.explanation] = draft
    return list(drafts.values())


_TEXTS = {"options": pl.String, "model_answer": pl.String, "rubric": pl.String}


def _second_concepts(concepts: Sequence[int], count: int, random: np.random.Generator) -> list[int | None]:
    """Tag some questions with a prerequisite of their concept as well; free responses keep one concept."""
    tagged: list[int | None] = [None] * count
    for index, concept in enumerate(concepts):
        prerequisites = positions(CONCEPTS[concept].prerequisites)
        if prerequisites and random.random() < _SECOND_CONCEPT_SHARE:
            tagged[index] = prerequisites[0]
    return tagged
