"""A family may ask who has looked at their child's record: everybody who did, and why."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.models import User
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api, StandingClock

_FORGET = text("DELETE FROM app.audit_events WHERE subject_id = :student")


def url_of(student: User) -> str:
    return f"/api/v1/users/{student.id}/disclosures"


@pytest.fixture
def school(bench: DistrictBench, rows: Session) -> SchoolBench:
    """A school whose student nobody has read about yet; the bench leaves a trace of its own."""
    rows.execute(_FORGET, {"student": bench.schools[0].student.id})
    return bench.schools[0]


async def read_grade(api: Api, reader: User, school: SchoolBench) -> None:
    data_of(await api.signed_in(reader).get(f"/api/v1/grades/{school.grade.id}"))


async def listed(api: Api, asker: User, student: User, **parameters: Any) -> list[Any]:
    return items_of(await api.signed_in(asker).get(url_of(student), params=parameters))


async def test_a_student_sees_who_read_what_when_and_why(
    api: Api, bench: DistrictBench, school: SchoolBench, clock: StandingClock
) -> None:
    await read_grade(api, school.teacher, school)
    clock.advance(timedelta(minutes=1))
    await read_grade(api, bench.admin, school)
    newest, oldest = await listed(api, school.student, school.student)
    assert oldest == {
        "id": oldest["id"],
        "read_at": clock.start.isoformat().replace("+00:00", "Z"),
        "reader": {"id": str(school.teacher.id), "name": school.teacher.name, "role": "teacher"},
        "record": "grade",
        "purpose": "grade:read",
        "why": "See grades and how they came about",
    }
    assert newest["reader"] == {"id": str(bench.admin.id), "name": bench.admin.name, "role": "admin"}


async def test_what_students_read_of_themselves_is_not_listed(api: Api, school: SchoolBench) -> None:
    await read_grade(api, school.student, school)
    await listed(api, school.student, school.student)
    assert await listed(api, school.student, school.student) == []


async def test_looking_at_the_list_is_a_disclosure_itself(api: Api, school: SchoolBench) -> None:
    await listed(api, school.admin, school.student)
    (row,) = await listed(api, school.student, school.student)
    assert (row["reader"]["id"], row["record"]) == (str(school.admin.id), "disclosures")


async def test_a_page_of_a_class_is_listed_by_each_student_in_it(api: Api, school: SchoolBench) -> None:
    data_of(await api.signed_in(school.teacher).get(f"/api/v1/classes/{school.school_class.id}/roster"))
    for student in (school.student, school.classmate):
        assert [row["record"] for row in await listed(api, student, student)] == ["enrollment"]
    assert await listed(api, school.newcomer, school.newcomer) == []  # asked for a place, not on the roster


async def test_pages_go_back_in_time_and_hold_everything_once(
    api: Api, school: SchoolBench, clock: StandingClock
) -> None:
    for _ in range(5):
        await read_grade(api, school.teacher, school)
        clock.advance(timedelta(seconds=1))
    client = api.signed_in(school.student)
    seen: list[Any] = []
    after: dict[str, str] | None = {}
    while after is not None:
        page = data_of(await client.get(url_of(school.student), params={"limit": 2} | after))
        seen += page["items"]
        after = page["next_cursor"] and {"cursor": page["next_cursor"]}
        await read_grade(api, school.teacher, school)  # what is new meanwhile disturbs nobody
    times = [row["read_at"] for row in seen]
    assert len({row["id"] for row in seen}) == 5
    assert times == sorted(times, reverse=True)


async def test_a_reader_who_went_to_another_school_is_listed_without_a_name(
    api: Api, bench: DistrictBench, school: SchoolBench, rows: Session
) -> None:
    await read_grade(api, school.admin, school)
    school.admin.school_id = bench.schools[1].school.id
    rows.flush()
    (row,) = await listed(api, school.student, school.student)
    assert row["reader"] == {"id": str(school.admin.id), "name": None, "role": None}
    seen_by_district = await listed(api, bench.admin, school.student)
    assert [row["reader"]["name"] for row in seen_by_district] == [school.admin.name]


async def test_a_reader_whose_account_is_gone_still_has_a_name(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    await read_grade(api, school.teacher, school)
    school.teacher.deleted_at = school.teacher.created_at
    rows.flush()
    (row,) = await listed(api, school.student, school.student)
    assert row["reader"]["name"] == school.teacher.name


async def test_teachers_may_not_ask_and_classmates_find_nothing(api: Api, school: SchoolBench) -> None:
    refusal_of(await api.signed_in(school.teacher).get(url_of(school.student)), 403, "forbidden")
    refusal_of(await api.signed_in(school.classmate).get(url_of(school.student)), 404, "not_found")


async def test_only_students_have_disclosures(api: Api, school: SchoolBench) -> None:
    for user in (school.teacher, school.admin):
        refusal_of(await api.signed_in(school.admin).get(url_of(user)), 404, "not_found")


async def test_the_names_of_all_readers_come_in_one_statement(
    api: Api, bench: DistrictBench, school: SchoolBench, statements: StatementCounter
) -> None:
    client = api.signed_in(school.student)
    costs = []
    for readers in ([school.teacher], [school.admin, bench.admin, school.teacher]):
        for reader in readers:
            await read_grade(api, reader, school)
        data_of(await client.get("/api/v1/users/me"))
        with statements.counting() as seen:
            data_of(await client.get(url_of(school.student)))
        costs.append(len(seen))
    assert costs == [4, 4]  # the tenant, the student, the page, the readers
