"""A school consents for its students' education; a guardian's word stays the stronger one."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.models import User
from tests.api.consents.conftest import YES_TO_ALL, Family
from tests.api.consents.test_guardians import standing
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api, StandingClock


def path_of(student: User) -> str:
    return f"/api/v1/users/{student.id}/consents"


async def decide(api: Api, admin: User, student: User, **decisions: str) -> dict[str, str | None]:
    answer = await api.signed_in(admin).post(path_of(student), json={"decisions": decisions})
    return standing(data_of(answer))


@pytest.mark.parametrize("who", ["school admin", "district admin"])
async def test_an_admin_consents_as_the_schools_agent(
    api: Api, bench: DistrictBench, school: SchoolBench, rows: Session, who: str
) -> None:
    admin, student = {"school admin": school.admin, "district admin": bench.admin}[who], school.classmate
    now = await decide(api, admin, student, collection="granted", ai_processing="granted")
    assert now == {"collection": "granted", "ai_processing": "granted", "third_party_disclosure": None}
    kept = rows.execute(
        text("SELECT basis, method, decided_by FROM app.consents WHERE student_id = :student"),
        {"student": student.id},
    ).all()
    assert {tuple(row) for row in kept} == {("school_agent", "school_record", admin.id)}
    audited = text(
        "SELECT action, actor_id FROM app.audit_events WHERE subject_id = :student AND action <> 'read'"
    )
    found = rows.execute(audited, {"student": student.id}).all()
    assert [tuple(row) for row in found] == [("consent_granted", admin.id)] * 2


async def test_a_student_reads_their_own_and_nobody_elses(api: Api, school: SchoolBench) -> None:
    own = data_of(await api.signed_in(school.student).get(path_of(school.student)))
    assert standing(own)["collection"] == "granted"
    refusal_of(await api.signed_in(school.student).get(path_of(school.classmate)), 404, "not_found")
    refusal_of(await api.signed_in(school.teacher).get(path_of(school.student)), 403, "forbidden")


@pytest.mark.parametrize("person", ["teacher", "admin"])
async def test_staff_have_no_consents(api: Api, school: SchoolBench, person: str) -> None:
    refusal_of(await api.signed_in(school.admin).get(path_of(getattr(school, person))), 404, "not_found")


async def test_a_guardians_no_is_stronger_than_the_schools_later_yes(
    family: Family, clock: StandingClock
) -> None:
    link = await family.arrived(collection="granted", ai_processing="declined")
    (child,) = family.accounts()
    clock.advance(timedelta(days=30))
    now = await decide(family.api, family.school.admin, child, ai_processing="granted")
    assert now["ai_processing"] == "declined"
    assert family.decisions()[-1].decision == "granted"
    data_of(await family.decide(link, ai_processing="granted"))
    seen = data_of(await family.api.signed_in(family.school.admin).get(path_of(child)))
    assert standing(seen)["ai_processing"] == "granted"


async def test_a_guardians_yes_survives_the_schools_no(family: Family) -> None:
    await family.arrived(**YES_TO_ALL)
    (child,) = family.accounts()
    now = await decide(family.api, family.school.admin, child, collection="revoked")
    assert now["collection"] == "granted"
    assert family.accounts()[0].status == "active"


async def test_a_school_that_takes_its_yes_back_closes_the_account(api: Api, school: SchoolBench) -> None:
    student, client = school.classmate, api.signed_in(school.classmate)
    await decide(api, school.admin, student, collection="granted")
    data_of(await client.get("/api/v1/users/me"))
    await decide(api, school.admin, student, collection="revoked")
    refusal_of(await client.get("/api/v1/users/me"), 401, "session_ended")


async def test_a_school_grants_nothing_without_the_collection(api: Api, school: SchoolBench) -> None:
    body = {"decisions": {"ai_processing": "granted"}}
    answer = await api.signed_in(school.admin).post(path_of(school.classmate), json=body)
    refusal_of(answer, 422, "collection_not_granted")


async def test_reading_and_deciding_are_noted_as_reads_of_the_students_record(
    api: Api, school: SchoolBench
) -> None:
    client = api.signed_in(school.admin)
    data_of(await client.get(path_of(school.student)))
    answer = await client.get(f"/api/v1/users/{school.student.id}/disclosures")
    assert data_of(answer)["items"][0]["record"] == "consents"
