"""Schools, people, classes and places of a random district, with what single students need."""

from dataclasses import dataclass
from decimal import Decimal

from tests.oracle.worlds import TERM_BEGINS, Row, World

CLASSES_PER_SCHOOL = 4
_STATUSES = ("approved",) * 17 + ("pending", "rejected", "removed")


@dataclass(frozen=True)
class Class:
    """A class with its students: whoever ever had a place, approved or not."""

    row: Row
    students: list[Row]


def add_people(world: World, students_per_school: int) -> list[Class]:
    """Add the district and everybody in it; returns the classes, strange ones included.

    One class is put away, one has a single student, one has none.
    """
    world.add("district_directory", status="active")
    world.rows["district_directory"][0]["id"] = world.rows["district_directory"][0].pop("district_id")
    world.add("districts", name="District")
    classes = []
    for number in range(2):
        school = world.add("schools", id=world.new_id(), name=f"School {number}")
        teachers = [_user(world, school, "teacher") for _ in range(2)]
        students = [_user(world, school, "student") for _ in range(students_per_school)]
        classes += [_class(world, teachers, students) for _ in range(CLASSES_PER_SCHOOL)]
        classes.append(_class(world, teachers, students[:1] if number else []))
    classes[1].row["deleted_at"] = TERM_BEGINS
    return classes


def _user(world: World, school: Row, role: str) -> Row:
    identifier = world.new_id()
    return world.add(
        "users",
        id=identifier,
        school_id=school["id"],
        role=role,
        name=f"{role} {identifier.hex[-4:]}",
        email=f"{identifier.hex}@example.org",
    )


def _class(world: World, teachers: list[Row], students: list[Row]) -> Class:
    identifier = world.new_id()
    row = world.add(
        "classes",
        id=identifier,
        school_id=teachers[0]["school_id"],
        teacher_id=world.one_of(*teachers)["id"],
        name="Class",
        subject=world.one_of("Mathematics", "Science"),
        grade_level=world.one_of(None, 5, 6),
        school_year="2026-2027",
        code=identifier.hex[-10:].upper(),
        code_expires_at=TERM_BEGINS,
        deleted_at=None,
    )
    members = [student for student in students if len(students) == 1 or world.happens(0.45)]
    for student in members:
        _place(world, row, student)
    return Class(row, members)


def _place(world: World, school_class: Row, student: Row) -> None:
    both = {
        "school_id": school_class["school_id"],
        "id": world.new_id(),
        "class_id": school_class["id"],
        "student_id": student["id"],
    }
    world.add(
        "class_enrollments",
        **both,
        status=world.one_of(*_STATUSES),
        requested_at=TERM_BEGINS,
        deleted_at=TERM_BEGINS if world.happens(0.03) else None,
    )
    if world.happens(0.12):
        world.add(
            "accommodations",
            **both,
            time_multiplier=Decimal(world.one_of("1", "1.25", "2")),
            due_shift_hours=world.one_of(0, 24, 72),
            granted_by=school_class["teacher_id"],
        )
