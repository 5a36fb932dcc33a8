"""Simulating a policy tells what storing it makes, and stores nothing."""

import random
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from core.models import ClassGrade, Grade
from tests.api.gradebooks import Gradebook
from tests.api.random_gradebooks import draw_policy, fill

COLUMNS = [
    f"{run}_{what}"
    for run in ("current", "final", "all_current", "all_final")
    for what in ("percent", "letter")
]


def stored(gradebook: Gradebook) -> dict[UUID, dict[str, Any]]:
    grades = (
        gradebook.rows.query(ClassGrade)
        .populate_existing()
        .filter_by(class_id=gradebook.school.school_class.id)
    )
    return {grade.student_id: {name: getattr(grade, name) for name in COLUMNS} for grade in grades}


def scores(gradebook: Gradebook) -> dict[UUID, Decimal | None]:
    grades = (
        gradebook.rows.query(Grade).populate_existing().filter_by(class_id=gradebook.school.school_class.id)
    )
    return {grade.id: grade.score for grade in grades}


def told(simulation: dict[str, Any], moment: str) -> dict[UUID, dict[str, Any]]:
    return {UUID(student["student_id"]): student[moment] for student in simulation["students"]}


def as_text(columns: dict[UUID, dict[str, Any]]) -> dict[UUID, dict[str, str | None]]:
    """Percents to as many places as the wire has."""
    return {
        student: {
            name: None
            if value is None
            else value
            if isinstance(value, str)
            else f"{value:.{_places(value)}f}"
            for name, value in row.items()
        }
        for student, row in columns.items()
    }


def _places(value: Any) -> int:
    return max(2, -value.normalize().as_tuple().exponent)


@pytest.mark.parametrize("seed", range(6))
async def test_simulate_equals_apply(gradebook: Gradebook, seed: int) -> None:
    draw = random.Random(seed)
    fill(gradebook, draw)
    await gradebook.grade_by(**draw_policy(draw))
    proposal = draw_policy(draw)
    simulation = await gradebook.simulate(**proposal)
    assert told(simulation, "before") == as_text(stored(gradebook))
    before = scores(gradebook)
    await gradebook.grade_by(**proposal)
    assert told(simulation, "after") == as_text(stored(gradebook))
    after = scores(gradebook)
    changes = sum(before.get(cell) != score for cell, score in after.items())
    assert changes == sum(student["grades_changed"] for student in simulation["students"])


async def test_simulating_stores_nothing(gradebook: Gradebook) -> None:
    grade = gradebook.enter(gradebook.quiz(10), 8, late_seconds_override=90_000)
    await gradebook.recalculate()
    before = stored(gradebook)
    gradebook.rows.refresh(grade)
    version = grade.version
    simulation = await gradebook.simulate(late={"percent": "10"})
    assert simulation["students_changed"] == 1
    assert stored(gradebook) == before
    gradebook.rows.refresh(grade)
    assert (grade.score, grade.version) == (8, version)
    assert (await gradebook.simulate(late={"percent": "10"}))["policy_version"] == 1


async def test_a_renamed_category_keeps_its_work_in_a_simulation(gradebook: Gradebook) -> None:
    first = await gradebook.grade_by(weighted=True, categories=[{"name": "Homework", "weight": "50"}])
    (homework,) = first["categories"]
    gradebook.enter(gradebook.quiz(10, category="HOMEWORK"), 8)
    gradebook.enter(gradebook.quiz(10), 1)
    await gradebook.recalculate()
    proposal = {"weighted": True, "categories": [{"id": homework["id"], "name": "Work", "weight": "50"}]}
    simulation = await gradebook.simulate(**proposal)
    assert told(simulation, "after")[gradebook.subject.id]["current_percent"] == "80.00"
    await gradebook.grade_by(**proposal)
    assert told(simulation, "after") == as_text(stored(gradebook))
