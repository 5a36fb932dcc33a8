"""The rows of the learning paths: one walk through classes, students and steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from core.domain.calibration import mean_outcome
from core.domain.logistic import logit
from core.domain.mastery import PRIOR_INFORMATION, MasteryThresholds
from core.domain.paths import Curriculum, Standing, learning_path, unseen
from core.domain.paths_practice import RatedQuestion, practice_questions
from pipelines.copying import LIST_SEPARATOR
from pipelines.paths.curricula import Due, curricula, due_concepts
from pipelines.paths.library import Library, answered_totals, library_of
from warehouse.mart import IDS, TEXT
from warehouse.progress import LEARNING_PATHS

MASTERY_COLUMNS = (
    "student_id",
    "concept_id",
    "band",
    "mastery_percent",
    "p_below_threshold",
    "ability",
    "evidence",
    "information",
    "mean_easiness",
)
STATISTICS_COLUMNS = ("question_id", "concept_ids", "answer_count", "share_right")
"""What of the marts is needed."""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What paths follow from: frames of `pipelines.paths.queries`, judged work, and two marts."""

    places: pl.DataFrame
    classes: pl.DataFrame
    practised: pl.DataFrame
    edges: pl.DataFrame
    bank: pl.DataFrame
    copies: pl.DataFrame
    judged: pl.DataFrame
    mastery: pl.DataFrame
    statistics: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Expectations:
    """What to expect where a student has not answered: easiness of concepts, level of students."""

    easiness: Mapping[str, float]
    usual_easiness: float
    abilities: Mapping[str, float]
    thresholds: MasteryThresholds

    def standing(self, student_id: str, concept_id: str) -> Standing:
        easiness = self.easiness.get(concept_id, self.usual_easiness)
        return unseen(easiness, self.abilities.get(student_id, 0.0), thresholds=self.thresholds)


@dataclass(frozen=True, slots=True)
class _Class:
    """One class's plan: what it learns, and the questions its teacher may practise each concept with."""

    school_id: str
    class_id: str
    curriculum: Curriculum
    questions: Mapping[str, list[RatedQuestion]]

    def steps(
        self, student_id: str, standings: Mapping[str, Standing], due: Due
    ) -> Iterator[tuple[Any, ...]]:
        for rank, step in enumerate(learning_path(self.curriculum, standings, due), start=1):
            known = step.standing
            practice = practice_questions(known.ability, self.questions[step.concept_id])
            told = (known.band, known.mastery_percent, known.p_next_right, step.reason)
            where = (self.school_id, self.class_id, student_id, rank, step.concept_id)
            yield (*where, *told, LIST_SEPARATOR.join(practice))  # a list per row is slow to read in


def learning_path_rows(facts: Facts, thresholds: MasteryThresholds) -> pl.DataFrame:
    """Return the rows of the mart for everyone in a class that practises something."""
    schema = {name: dtype for name, dtype in LEARNING_PATHS.schema.items() if name != "district_id"}
    rows = pl.DataFrame(list(_rows(facts, thresholds)), schema=schema | {"question_ids": TEXT}, orient="row")
    has_questions = pl.col("question_ids") != ""
    split = pl.col("question_ids").str.split(LIST_SEPARATOR)
    return rows.with_columns(question_ids=pl.when(has_questions).then(split).otherwise(pl.lit([], IDS)))


def _rows(facts: Facts, thresholds: MasteryThresholds) -> Iterator[tuple[Any, ...]]:
    totals = answered_totals(facts.statistics)
    library = library_of(facts.bank, facts.copies, totals)
    plans = curricula(facts.practised, facts.edges)
    due = due_concepts(facts.judged, facts.practised)
    expected = _expectations(facts.mastery, totals, thresholds)
    students = dict(facts.places.group_by("class_id").agg(pl.col("student_id").sort()).iter_rows())
    known = _known(facts, plans)
    for one in _classes(facts, plans, library):
        for student in students.get(one.class_id, ()):
            place = (one.class_id, student)
            own = known.get(place, {})
            concepts = one.curriculum.concepts
            standings = {name: own.get(name) or expected.standing(student, name) for name in concepts}
            yield from one.steps(student, standings, due.get(place, {}))


def _classes(facts: Facts, plans: Mapping[str, Curriculum], library: Library) -> Iterator[_Class]:
    wanted = facts.classes.filter(pl.col("class_id").is_in(list(plans))).sort("class_id")
    for class_id, school, teacher in wanted.select("class_id", "school_id", "teacher_id").iter_rows():
        plan = plans[class_id]
        questions = {concept: library.questions(school, teacher, concept) for concept in plan.concepts}
        yield _Class(school, class_id, plan, questions)


def _known(facts: Facts, plans: Mapping[str, Curriculum]) -> dict[tuple[str, str], dict[str, Standing]]:
    """Return by class and student what is known of the concepts of the class."""
    pairs = [(class_id, concept) for class_id, plan in plans.items() for concept in plan.concepts]
    learned = pl.DataFrame(pairs, schema={"class_id": pl.String, "concept_id": pl.String}, orient="row")
    rows = (
        facts.places.select("class_id", "student_id")
        .join(facts.mastery.select(MASTERY_COLUMNS[:6]), on="student_id")
        .join(learned, on=["class_id", "concept_id"], how="semi")
    )
    known: dict[tuple[str, str], dict[str, Standing]] = {}
    columns = ("class_id", *MASTERY_COLUMNS[:6])
    for class_id, student, concept, band, percent, below, ability in rows.select(columns).iter_rows():
        standing = Standing(band, percent, percent / 100.0, below, ability)
        known.setdefault((class_id, student), {})[concept] = standing
    return known


def _expectations(
    mastery: pl.DataFrame, totals: pl.DataFrame, thresholds: MasteryThresholds
) -> _Expectations:
    """θ_s is read back from any of the student's concepts: θ·(I_c + 2) = G_c + 2·θ_s."""
    level = (
        pl.col("ability") * (pl.col("information") + PRIOR_INFORMATION) - pl.col("evidence")
    ) / PRIOR_INFORMATION
    first = mastery.sort("student_id", "concept_id").unique("student_id", keep="first")
    concepts = mastery.select("concept_id", "mean_easiness").unique("concept_id", keep="first")
    return _Expectations(
        easiness=dict(concepts.iter_rows()),
        usual_easiness=logit(mean_outcome(totals)),
        abilities=dict(first.select("student_id", level).iter_rows()),
        thresholds=thresholds,
    )
