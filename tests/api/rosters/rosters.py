"""Rosters for tests: one small district of OneRoster's, to be varied."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from api.rosters.roster import (
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    EnrollmentRow,
    Organisation,
    Person,
    Roster,
    Version,
)
from api.rosters.writing import write_oneroster
from core.ids import new_id

STUDENTS = 3


def make_roster(version: Version = Version.V1_1, students: int = STUDENTS) -> Roster:
    """A district, a school, a year with a term, a course, a class with a teacher and students; names are fresh."""
    mark = new_id().hex[-12:]
    people = [_person(mark, "teacher", 0), *(_person(mark, "student", number) for number in range(students))]
    return Roster(
        version,
        organisations=(
            Organisation(sourced_id=f"d-{mark}", name="District", kind="district"),
            Organisation(sourced_id=f"s-{mark}", name=f"School {mark}", kind="school", parent=f"d-{mark}"),
        ),
        sessions=(
            _session(f"t-{mark}", "term", date(2026, 12, 31), f"y-{mark}"),
            _session(f"y-{mark}", "schoolYear", date(2027, 7, 31), ""),
        ),
        courses=(
            CourseRow(
                sourced_id=f"c-{mark}", title="Algebra", organisation=f"d-{mark}", subjects=("Mathematics",)
            ),
        ),
        classes=(
            ClassRow(
                sourced_id=f"k-{mark}",
                title="Algebra, period 1",
                grades=("09",),
                course=f"c-{mark}",
                school=f"s-{mark}",
                terms=(f"t-{mark}", f"y-{mark}"),
            ),
        ),
        people=tuple(people),
        enrollments=tuple(_enrollment(mark, person) for person in people),
    )


def _session(sourced_id: str, kind: str, ends_on: date, parent: str) -> AcademicSessionRow:
    return AcademicSessionRow(
        sourced_id=sourced_id,
        title=kind.title(),
        kind=kind,
        starts_on=date(2026, 8, 1),
        ends_on=ends_on,
        parent=parent,
        school_year="2027",
    )


def _person(mark: str, role: str, number: int) -> Person:
    return Person(
        sourced_id=f"{role}-{number}-{mark}",
        organisations=(f"s-{mark}",),
        role=role,
        username=f"{role}{number}",
        given_name=role.title(),
        family_name=f"Number{number}",
        email=f"{role}.{number}.{mark}@school.example",
        grades=("09",) if role == "student" else (),
    )


def _enrollment(mark: str, person: Person) -> EnrollmentRow:
    return EnrollmentRow(
        sourced_id=f"e-{person.sourced_id}",
        school_class=f"k-{mark}",
        school=f"s-{mark}",
        user=person.sourced_id,
        role=person.role,
        is_primary=person.role == "teacher",
    )


def with_person(roster: Roster, number: int, **changes: Any) -> Roster:
    """The roster with one person changed."""
    people = list(roster.people)
    people[number] = replace(people[number], **changes)
    return replace(roster, people=tuple(people))


def as_delta(roster: Roster) -> bytes:
    """The archive of a roster whose files say what has changed."""
    return rewritten(
        write_oneroster(roster), {"manifest.csv": lambda text: text.replace('"bulk"', '"delta"')}
    )


def rewritten(packed: bytes, changes: dict[str, Callable[[str], str]]) -> bytes:
    """The archive with the text of some files changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            new.writestr(name, changes.get(name, str)(text))
    return target.getvalue()
