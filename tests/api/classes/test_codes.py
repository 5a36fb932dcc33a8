"""Class codes: they end, they are replaced, and they open one school's doors only."""

from datetime import timedelta

from core.ids import new_id
from tests.api.envelopes import data_of, fields_of, refusal_of
from tests.factories.world import SchoolBench, World
from tests.fixtures.web import Api, StandingClock

CLASSES = "/api/v1/classes"


async def test_a_valid_code_tells_the_name_of_its_class_and_nothing_else(
    api: Api, school: SchoolBench
) -> None:
    student, school_class = api.signed_in(school.newcomer), school.other_class
    for code in (school_class.code, school_class.code.lower()):
        answer = data_of(await student.get(f"{CLASSES}/codes/{code}"))
        assert answer == {"valid": True, "class_name": school_class.name}


async def test_codes_of_another_school_or_district_are_as_unknown_as_none(
    api: Api, shared_world: World
) -> None:
    home, abroad = shared_world.districts
    student = api.signed_in(home.schools[0].newcomer)
    unknown = await student.get(f"{CLASSES}/codes/NOSUCHCODE")
    unknown_join = await student.post(f"{CLASSES}/join", json={"code": "NOSUCHCODE"})
    refusal_of(unknown_join, 404, "invalid_class_code")
    for foreign in (home.schools[1], abroad.schools[0]):
        code = foreign.school_class.code
        assert (await student.get(f"{CLASSES}/codes/{code}")).content == unknown.content
        joined = await student.post(f"{CLASSES}/join", json={"code": code})
        assert joined.content == unknown_join.content


async def test_a_new_code_ends_the_old_one_at_once(api: Api, school: SchoolBench) -> None:
    teacher, student = api.signed_in(school.teacher), api.signed_in(school.other_student)
    old = school.school_class.code
    new = data_of(await teacher.post(f"{CLASSES}/{school.school_class.id}/code", json={}))["code"]
    assert new != old
    refusal_of(await student.post(f"{CLASSES}/join", json={"code": old}), 404, "invalid_class_code")
    assert data_of(await student.post(f"{CLASSES}/join", json={"code": new}), 201)["status"] == "pending"


async def test_a_code_ends_when_its_teacher_said(api: Api, school: SchoolBench, clock: StandingClock) -> None:
    end = clock.now + timedelta(hours=1)
    url = f"{CLASSES}/{school.school_class.id}/code"
    code = data_of(await api.signed_in(school.teacher).post(url, json={"expires_at": end.isoformat()}))[
        "code"
    ]
    clock.advance(timedelta(minutes=59))
    student = api.signed_in(school.other_student)
    assert data_of(await student.get(f"{CLASSES}/codes/{code}"))["valid"] is True
    clock.advance(timedelta(minutes=1))
    assert data_of(await student.get(f"{CLASSES}/codes/{code}")) == {"valid": False, "class_name": None}
    refusal_of(await student.post(f"{CLASSES}/join", json={"code": code}), 404, "invalid_class_code")


async def test_a_time_without_a_zone_is_no_time(api: Api, school: SchoolBench) -> None:
    url = f"{CLASSES}/{school.school_class.id}/code"
    answer = await api.signed_in(school.teacher).post(url, json={"expires_at": "2030-01-01T00:00:00"})
    assert fields_of(answer) == ["expires_at"]


async def test_the_code_of_a_deleted_class_opens_nothing(api: Api, school: SchoolBench) -> None:
    data_of(await api.signed_in(school.teacher).delete(f"{CLASSES}/{school.school_class.id}"))
    body = {
        "name": "Ana",
        "email": f"{new_id().hex}@school.example",
        "password": "plum-harbor-lantern-42",
        "grade_level": 9,
        "birth_date": "2010-05-01",
        "class_code": school.school_class.code,
    }
    answer = await api.anonymous.post("/api/v1/auth/register/student", json=body)
    refusal_of(answer, 404, "invalid_class_code")
