"""Concepts and their graph, banks, and the assignments and questions of a random district."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.world_people import Class
from tests.oracle.worlds import FAR_AWAY, TERM_BEGINS, TERM_DAYS, Row, World

CONCEPTS = 12
ASSIGNMENTS_PER_CLASS = 8
BANK_QUESTIONS = 300
_POINTS = ("1", "2", "0.5", "3")


@dataclass(frozen=True)
class Work:
    """One assignment of a class with its questions, those put away included."""

    school_class: Class
    row: Row
    questions: list[Row]


def add_coursework(world: World, classes: list[Class]) -> list[Work]:
    """Add what is taught; returns every assignment, drafts and deleted ones, too."""
    concepts = _concepts(world)
    bank = _bank(world, classes, concepts)
    works: list[Work] = []
    for school_class in classes:
        taught = world.random.sample(concepts, 7)
        count = ASSIGNMENTS_PER_CLASS if len(school_class.students) > 1 else 1
        works += [_assignment(world, school_class, taught, bank) for _ in range(count)]
    return works


def _concepts(world: World) -> list[Row]:
    """A graph without circles: a concept builds on earlier ones only. One concept is put away."""
    concepts = [
        world.add(
            "concepts",
            id=world.new_id(),
            subject="Mathematics",
            name=f"Concept {number}",
            deleted_at=TERM_BEGINS if number == CONCEPTS - 3 else None,
        )
        for number in range(CONCEPTS)
    ]
    for number, concept in enumerate(concepts):
        for prerequisite in world.random.sample(concepts[:number], min(number, world.one_of(0, 1, 2))):
            world.add("concept_prerequisites", concept_id=concept["id"], prerequisite_id=prerequisite["id"])
    return concepts


def _content(world: World) -> dict[str, Any]:
    is_choice = world.happens(0.7)
    options = [{"id": name, "text": name, "feedback": None} for name in "abcd"]
    return {
        "kind": "multiple_choice" if is_choice else "free_response",
        "prompt": "Prompt",
        "points": Decimal(world.one_of(*_POINTS)),
        "difficulty": world.one_of("easy", "medium", "medium", "hard"),
        "options": options if is_choice else None,
        "correct_option": "b" if is_choice else None,
    }


def _bank(world: World, classes: list[Class], concepts: list[Row]) -> list[Row]:
    """Banks of every teacher, shared or not; returns the questions."""
    teachers = {one.row["teacher_id"]: one.row["school_id"] for one in classes}
    banks = [
        world.add(
            "question_banks",
            school_id=school_id,
            id=world.new_id(),
            owner_id=teacher_id,
            name="Bank",
            is_shared=is_shared,
            deleted_at=TERM_BEGINS if world.happens(0.1) else None,
        )
        for teacher_id, school_id in teachers.items()
        for is_shared in (True, False)
    ]
    return [_bank_question(world, world.one_of(*banks), concepts) for _ in range(BANK_QUESTIONS)]


def _bank_question(world: World, bank: Row, concepts: list[Row]) -> Row:
    question = world.add(
        "bank_questions",
        school_id=bank["school_id"],
        id=world.new_id(),
        bank_id=bank["id"],
        **_content(world),
        provenance=None,
        deleted_at=TERM_BEGINS if world.happens(0.08) else None,
    )
    for concept in world.random.sample(concepts, world.one_of(0, 1, 1, 2)):
        tag = {"question_id": question["id"], "concept_id": concept["id"]}
        world.add("bank_question_concepts", school_id=bank["school_id"], bank_id=bank["id"], **tag)
    return question


def _due_at(world: World) -> datetime | None:
    days = world.one_of(None, None, -1, *(world.random.randrange(5, TERM_DAYS) for _ in range(7)))
    if days is None:
        return None
    return FAR_AWAY if days == -1 else TERM_BEGINS + timedelta(days=days, hours=world.one_of(8, 23))


def _assignment(world: World, school_class: Class, taught: list[Row], bank: list[Row]) -> Work:
    row = world.add(
        "assignments",
        school_id=school_class.row["school_id"],
        id=world.new_id(),
        class_id=school_class.row["id"],
        title="Assignment",
        category=world.one_of(None, "Homework", "Tests"),
        status=world.one_of("draft", *("published",) * 7, "archived"),
        due_at=_due_at(world),
        deleted_at=TERM_BEGINS if world.happens(0.06) else None,
    )
    questions = [_question(world, row, taught, bank) for _ in range(world.random.randrange(4, 8))]
    for student in school_class.students:
        if world.happens(0.05):
            _extension(world, row, student)
    return Work(school_class, row, questions)


def _question(world: World, assignment: Row, taught: list[Row], bank: list[Row]) -> Row:
    question = world.add(
        "questions",
        school_id=assignment["school_id"],
        id=world.new_id(),
        assignment_id=assignment["id"],
        position=world.random.randrange(1, 6),
        **_content(world),
        provenance=None,
        deleted_at=TERM_BEGINS if world.happens(0.07) else None,
    )
    if world.happens(0.25):
        question["provenance"] = {"origin": "bank", "question_id": str(world.one_of(*bank)["id"])}
    elif world.happens(0.1):
        world.one_of(*bank)["provenance"] = {"origin": "assignment", "question_id": str(question["id"])}
    for concept in world.random.sample(taught, world.one_of(0, 1, 1, 1, 1, 2, 3)):
        tag = {"question_id": question["id"], "concept_id": concept["id"]}
        world.add("question_concepts", school_id=assignment["school_id"], **tag)
    return question


def _extension(world: World, assignment: Row, student: Row) -> None:
    granted = assignment["due_at"] and assignment["due_at"] + timedelta(days=world.one_of(-2, 3, 9))
    world.add(
        "assignment_extensions",
        school_id=assignment["school_id"],
        id=world.new_id(),
        assignment_id=assignment["id"],
        student_id=student["id"],
        due_at=None if world.happens(0.3) else granted,
        granted_by=student["id"],
    )
