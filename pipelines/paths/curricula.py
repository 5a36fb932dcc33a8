"""What each class of a district learns, in its teacher's order, and what of it is still to be done by whom."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import polars as pl

from core.domain.completion import IN_PROGRESS, NOT_STARTED
from core.domain.paths import Curriculum

Due = dict[str, datetime | None]
"""The concepts of work still to be done, each with its earliest due date."""


def curricula(practised: pl.DataFrame, edges: pl.DataFrame) -> dict[str, Curriculum]:
    """Return the curriculum of each class: what its questions practise, then what that builds on directly.

    The teacher's order is that of the assignments by due date (those without one last), and inside one that of its
    questions.
    """
    prerequisites: dict[str, list[str]] = defaultdict(list)
    for concept, prerequisite in edges.sort("concept_id", "prerequisite_id").iter_rows():
        prerequisites[concept].append(prerequisite)
    taught: dict[str, list[str]] = defaultdict(list)
    for class_id, concept in _in_teachers_order(practised).iter_rows():
        taught[class_id].append(concept)
    return {class_id: _curriculum(concepts, prerequisites) for class_id, concepts in taught.items()}


def due_concepts(judged: pl.DataFrame, practised: pl.DataFrame) -> dict[tuple[str, str], Due]:
    """Return by class and student the concepts of published work not handed in yet and not past its due date.

    `judged` is `core.domain.completion.judged_work`: dates are the student's own.
    """
    is_open = pl.col("state").is_in([NOT_STARTED, IN_PROGRESS]) & ~pl.col("is_due")
    published = practised.filter("is_published").select("class_id", "assignment_id", "concept_id")
    earliest = (
        judged.filter(is_open)
        .select("class_id", "student_id", "assignment_id", "due_at")
        .join(published, on=["class_id", "assignment_id"])
        .group_by("class_id", "student_id", "concept_id")
        .agg(pl.col("due_at").min())
    )
    due: dict[tuple[str, str], Due] = defaultdict(dict)
    for class_id, student_id, concept, due_at in earliest.iter_rows():
        due[class_id, student_id][concept] = due_at
    return dict(due)


def _in_teachers_order(practised: pl.DataFrame) -> pl.DataFrame:
    return (
        practised.sort("class_id", "due_at", "assignment_id", "position", "concept_id", nulls_last=True)
        .unique(["class_id", "concept_id"], keep="first", maintain_order=True)
        .select("class_id", "concept_id")
    )


def _curriculum(taught: list[str], prerequisites: Mapping[str, list[str]]) -> Curriculum:
    below = [one for concept in taught for one in prerequisites.get(concept, ())]
    concepts = tuple(dict.fromkeys([*taught, *below]))
    known = set(concepts)
    return Curriculum(
        concepts, {one: [p for p in prerequisites.get(one, ()) if p in known] for one in concepts}
    )
