"""What is exported is what is here, within the admin's reach; imported elsewhere it is the same roster."""

import csv
import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.rosters.reading import read_oneroster
from api.rosters.roster import Roster, Version
from core.models import District, GradeStatus, User
from tests.api.rosters.conftest import URL, Send, TakeOver, counts, problems
from tests.api.rosters.rosters import make_roster
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api


async def exported(api: Api, user: User, version: Version = Version.V1_1) -> bytes:
    answer = await api.signed_in(user).get(URL, params={"version": version.value})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/zip"
    return answer.content


def lines(packed: bytes, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode())))


def contents(roster: Roster) -> dict[str, set[Any]]:
    """Everything but the version, without order, and without the exporting admin, whom every district has."""
    tables = ("organisations", "sessions", "courses", "classes", "people", "enrollments")
    return {table: set(getattr(roster, table)) for table in tables}


def forget_addresses(rows: Session, district: District) -> None:
    """Addresses are unique in the installation: the first district leaves, so that the second may come."""
    rows.execute(text("DELETE FROM auth.identities WHERE district_id = :d"), {"d": district.district_id})


@pytest.mark.parametrize("version", Version)
async def test_a_district_moved_into_an_empty_one_is_the_same_roster(
    *, api: Api, rows: Session, bench: DistrictBench, take_over: TakeOver, admin: User, version: Version
) -> None:
    packed = await exported(api, bench.admin, version)
    forget_addresses(rows, bench.district)
    report = await take_over(packed)
    assert problems(report) == []
    again = read_oneroster(await exported(api, admin, version))
    moved, original = contents(again), contents(read_oneroster(packed))
    moved["people"] = {person for person in moved["people"] if person.sourced_id != str(admin.id)}
    moved["organisations"] = {named(bench, row) for row in moved["organisations"]}
    assert moved == original


def named(bench: DistrictBench, row: Any) -> Any:
    """A district keeps its own name."""
    return replace(row, name=bench.district.name) if row.kind == "district" else row


@pytest.mark.parametrize("version", Version)
async def test_a_rostered_district_is_exported_as_it_came(
    api: Api, take_over: TakeOver, admin: User, version: Version
) -> None:
    roster = make_roster(version)
    await take_over(roster)
    again = await exported(api, admin, version)
    report = await take_over(again)
    assert set().union(*counts(report).values()) <= {"unchanged", "linked"}
    assert {row.sourced_id for row in read_oneroster(again).people} > {
        row.sourced_id for row in roster.people
    }


async def test_the_gradebook_travels_along(api: Api, rows: Session, school: SchoolBench) -> None:
    school.grade.status = GradeStatus.GRADED
    rows.flush()
    packed = await exported(api, school.admin, Version.V1_2)
    items = {line["sourcedId"]: line for line in lines(packed, "lineItems")}
    (result,) = [line for line in lines(packed, "results") if line["sourcedId"] == str(school.grade.id)]
    assert str(school.draft.id) not in items
    assert items[str(school.assignment.id)]["title"] == school.assignment.title
    assert items[str(school.assignment.id)]["categorySourcedId"] in {
        line["sourcedId"] for line in lines(packed, "categories")
    }
    assert (result["scoreStatus"], result["studentSourcedId"]) == ("fully graded", str(school.student.id))
    assert float(result["score"]) == float(school.grade.score)


async def test_an_admin_of_a_school_hands_out_that_school_alone(
    api: Api, bench: DistrictBench, school: SchoolBench
) -> None:
    roster = read_oneroster(await exported(api, school.admin))
    assert {row.sourced_id for row in roster.organisations if row.kind == "school"} == {str(school.school.id)}
    assert {row.sourced_id for row in roster.people} == {str(user.id) for user in school.users}
    assert {row.sourced_id for row in roster.classes} == {
        str(school.school_class.id),
        str(school.other_class.id),
    }


async def test_whoever_exports_leaves_a_line_for_each_student(
    api: Api, rows: Session, school: SchoolBench
) -> None:
    await exported(api, school.admin)
    found = rows.execute(
        text(
            "SELECT subject_id, purpose FROM app.audit_events"
            " WHERE district_id = :d AND object_type = 'roster' AND actor_id = :a"
        ),
        {"d": school.school.district_id, "a": school.admin.id},
    )
    students = [school.student, school.classmate, school.other_student, school.newcomer]
    assert {tuple(row) for row in found} == {(student.id, "roster:export") for student in students}


async def test_values_are_quoted_and_never_altered(api: Api, rows: Session, school: SchoolBench) -> None:
    school.school_class.name = '=1+1, "Algebra"'
    rows.flush()
    titles = {line["title"] for line in lines(await exported(api, school.admin), "classes")}
    assert '=1+1, "Algebra"' in titles


async def test_an_import_of_one_school_cannot_reach_another(
    *, send: Send, take_over: TakeOver, rows: Session, bench: DistrictBench, api: Api
) -> None:
    """The admin of the first school sends the whole district, with everybody renamed."""
    first, second = bench.schools
    packed = await exported(api, bench.admin)
    renamed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(renamed, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            new.writestr(name, content.replace('"Student ', '"Pupil ') if name == "users.csv" else content)
    await take_over(renamed.getvalue(), first.admin, max_deactivation_percent=100)
    for student in (first.student, second.student, first.admin):
        rows.refresh(student)
    assert first.student.name.startswith("Pupil")
    assert second.student.name.startswith("Student")
    assert second.student.sourced_id is None
    del send
