"""What is here as a roster; rows that no roster brought are called by their id."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.rosters import queries
from api.rosters.grade_levels import grade_code
from api.rosters.gradebook_rows import category_rows, line_item_rows, result_rows
from api.rosters.naming import Naming, course_of, given_and_family_name, sessions_of
from api.rosters.presence import read_register
from api.rosters.register import Known, Register
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
from core.errors import NotFoundError
from core.models import District
from core.tenancy import Actor, Role

_ADMIN = {
    Version.V1_1: ("administrator", "administrator"),
    Version.V1_2: ("siteAdministrator", "districtAdministrator"),
}
"""What an admin of a school, and of the district, is called."""


@dataclass(frozen=True)
class Holdings:
    """All there is within reach."""

    district: District
    schools: Register
    sessions: Register
    courses: Register
    people: Register
    classes: Register
    enrollments: Register
    assignments: Sequence[Row[Any]]
    grades: Sequence[Row[Any]]


async def export_roster(session: AsyncSession, actor: Actor, version: Version) -> tuple[bytes, set[UUID]]:
    """Return the archive of everything within the admin's reach, and the students in it."""
    holdings = await _read(session, actor)
    packed = await asyncio.to_thread(lambda: write_oneroster(roster_of(holdings, version)))
    students = {known.id for known in holdings.people if known.values["role"] == Role.STUDENT.value}
    return packed, students


async def _read(session: AsyncSession, actor: Actor) -> Holdings:
    tenant, school_id = actor.tenant, actor.school_id
    district = await session.scalar(queries.district(tenant))
    if district is None:
        raise NotFoundError
    return Holdings(
        district,
        schools=await read_register(session, queries.schools(tenant, school_id)),
        sessions=await read_register(session, queries.sessions(tenant)),
        courses=await read_register(session, queries.courses(tenant)),
        people=await read_register(session, queries.people(tenant, school_id)),
        classes=await read_register(session, queries.classes(tenant, school_id)),
        enrollments=await read_register(session, queries.enrollments(tenant, school_id)),
        assignments=(await session.execute(queries.assignments(tenant, school_id))).all(),
        grades=(await session.execute(queries.grades(tenant, school_id))).all(),
    )


def roster_of(holdings: Holdings, version: Version) -> Roster:
    """Return what is in use as a roster; pure."""
    naming = Naming(holdings.district, _registers(holdings))
    classes = [known for known in holdings.classes if known.is_active]
    made_up = [course_of(naming, known) for known in classes if known.values["course_id"] is None]
    years = [row for known in classes for row in sessions_of(naming, known)]
    assignments = [row for row in holdings.assignments if row.class_id in {known.id for known in classes}]
    return Roster(
        version,
        organisations=tuple(_organisations(naming, holdings.schools)),
        sessions=tuple(
            {row.sourced_id: row for row in (*_sessions(naming, holdings.sessions), *years)}.values()
        ),
        courses=tuple(
            {row.sourced_id: row for row in (*_courses(naming, holdings.courses), *made_up)}.values()
        ),
        people=tuple(_people(naming, holdings.people, version)),
        classes=tuple(_class(naming, known) for known in classes),
        enrollments=tuple(_enrollments(naming, holdings, classes)),
        categories=tuple(category_rows(naming, assignments)),
        line_items=tuple(line_item_rows(naming, assignments, {known.id: known for known in classes})),
        results=tuple(result_rows(naming, holdings.grades, {row.id: row for row in assignments})),
    )


def _registers(holdings: Holdings) -> tuple[Register, ...]:
    return (
        holdings.schools,
        holdings.sessions,
        holdings.courses,
        holdings.people,
        holdings.classes,
    )


def _organisations(naming: Naming, schools: Register) -> Iterator[Organisation]:
    yield Organisation(sourced_id=naming.district, name=naming.district_name, kind="district")
    for known in schools:
        if known.is_active:
            yield Organisation(
                sourced_id=naming.of(known.id),
                name=known.values["name"],
                kind="school",
                parent=naming.district,
            )


def _sessions(naming: Naming, sessions: Register) -> Iterator[AcademicSessionRow]:
    for known in sessions:
        values = known.values
        if known.is_active:
            yield AcademicSessionRow(
                sourced_id=naming.of(known.id),
                title=values["title"],
                kind=values["session_type"],
                starts_on=values["starts_on"],
                ends_on=values["ends_on"],
                parent="" if values["parent_id"] is None else naming.of(values["parent_id"]),
                school_year=values["school_year"],
            )


def _courses(naming: Naming, courses: Register) -> Iterator[CourseRow]:
    for known in courses:
        values = known.values
        if known.is_active:
            yield CourseRow(
                sourced_id=naming.of(known.id),
                title=values["title"],
                code=values["course_code"] or "",
                grades=_parts(values["grades"]),
                organisation=values["organisation_sourced_id"] or naming.district,
                subjects=_parts(values["subjects"]),
            )


def _parts(listed: str | None) -> tuple[str, ...]:
    return tuple(listed.split(",")) if listed else ()


def _people(naming: Naming, people: Register, version: Version) -> Iterator[Person]:
    for known in people:
        values = known.values
        if known.is_removed:
            continue
        given_name, family_name = given_and_family_name(values["name"])
        school_id, role = values["school_id"], values["role"]
        yield Person(
            sourced_id=naming.of(known.id),
            is_enabled=known.is_active,
            organisations=(naming.district if school_id is None else naming.of(school_id),),
            role=_ADMIN[version][school_id is None] if role == Role.ADMIN.value else role,
            username=values["email"],
            given_name=given_name,
            family_name=family_name,
            email=values["email"],
            grades=grade_code(values["grade_level"]),
        )


def _class(naming: Naming, known: Known) -> ClassRow:
    values = known.values
    course_id = values["course_id"]
    return ClassRow(
        sourced_id=naming.of(known.id),
        title=values["name"],
        grades=grade_code(values["grade_level"]),
        course=naming.of(course_id) if course_id is not None else course_of(naming, known).sourced_id,
        school=naming.of(values["school_id"]),
        terms=naming.terms_of(known),
        subjects=(values["subject"].replace(",", " "),),
    )


def _enrollments(naming: Naming, holdings: Holdings, classes: Sequence[Known]) -> Iterator[EnrollmentRow]:
    for known in classes:
        yield EnrollmentRow(
            sourced_id=f"{naming.of(known.id)}:teacher",
            school_class=naming.of(known.id),
            school=naming.of(known.values["school_id"]),
            user=naming.of(known.values["teacher_id"]),
            role="teacher",
            is_primary=True,
        )
    open_classes = {known.id for known in classes}
    for known in holdings.enrollments:
        if known.is_active and known.values["class_id"] in open_classes:
            yield EnrollmentRow(
                sourced_id=known.sourced_id or str(known.id),
                school_class=naming.of(known.values["class_id"]),
                school=naming.of(known.values["school_id"]),
                user=naming.of(known.values["student_id"]),
                role="student",
            )
