"""Classes: made by teachers, seen by those who belong to them, hidden rather than erased."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api, StandingClock

CLASSES = "/api/v1/classes"


async def test_a_new_class_is_its_teachers_and_has_a_code_that_is_easy_to_read_aloud(
    api: Api, school: SchoolBench
) -> None:
    made = data_of(
        await api.signed_in(school.teacher).post(
            CLASSES, json={"name": " Algebra I ", "subject": "Mathematics"}
        ),
        201,
    )
    assert (made["name"], made["teacher_id"]) == ("Algebra I", str(school.teacher.id))
    assert made["school_id"] == str(school.school.id)
    assert len(made["code"]) == 9
    assert not set(made["code"]) & set("01ILO")


async def test_the_school_year_begins_in_august(api: Api, school: SchoolBench, clock: StandingClock) -> None:
    for day, year in (("2026-07-31", "2025-2026"), ("2026-08-01", "2026-2027")):
        clock.now = datetime.fromisoformat(f"{day}T00:00:00+00:00")
        made = await api.signed_in(school.teacher).post(CLASSES, json={"name": "Art", "subject": "Art"})
        assert data_of(made, 201)["school_year"] == year


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", None),
        ("subject", 7),
        ("grade_level", -1),
        ("school_year", "26"),
    ],
)
async def test_what_is_wrong_with_a_class_is_named(
    api: Api, school: SchoolBench, field: str, value: object
) -> None:
    body = {"name": "Art", "subject": "Art", field: value}
    assert fields_of(await api.signed_in(school.teacher).post(CLASSES, json=body)) == [field]


async def test_each_sees_the_classes_they_belong_to(api: Api, bench: DistrictBench) -> None:
    home, sister = bench.schools
    first, second = str(home.school_class.id), str(home.other_class.id)
    expected = {
        home.teacher: {first},
        home.other_teacher: {second},
        home.student: {first},
        home.newcomer: set(),
        home.admin: {first, second},
        bench.admin: {first, second, str(sister.school_class.id), str(sister.other_class.id)},
    }
    for user, ids in expected.items():
        seen = items_of(await api.signed_in(user).get(CLASSES))
        assert {item["id"] for item in seen} == ids, user.role


async def test_a_student_never_sees_the_code(api: Api, school: SchoolBench) -> None:
    student, code = api.signed_in(school.student), school.school_class.code
    for url in (CLASSES, f"{CLASSES}/{school.school_class.id}", "/api/v1/notifications"):
        assert code not in (await student.get(url)).text
    assert data_of(await student.get(f"{CLASSES}/{school.school_class.id}"))["code"] is None
    assert code in (await api.signed_in(school.teacher).get(CLASSES)).text


async def test_a_change_touches_only_what_was_given(api: Api, school: SchoolBench) -> None:
    teacher, url = api.signed_in(school.teacher), f"{CLASSES}/{school.school_class.id}"
    before = data_of(await teacher.get(url))
    after = data_of(await teacher.patch(url, json={"name": "Algebra II"}))
    assert after == {**before, "name": "Algebra II"}
    assert data_of(await teacher.patch(url, json={})) == after
    assert fields_of(await teacher.patch(url, json={"name": ""})) == ["name"]


async def test_an_admin_reads_a_class_and_leaves_changing_it_to_the_teacher(
    api: Api, school: SchoolBench
) -> None:
    admin, url = api.signed_in(school.admin), f"{CLASSES}/{school.school_class.id}"
    data_of(await admin.get(url))
    refusal_of(await admin.patch(url, json={"name": "Mine"}), 403, "forbidden")


async def test_a_deleted_class_looks_like_one_that_never_was_and_keeps_its_grades(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    teacher, url = api.signed_in(school.teacher), f"{CLASSES}/{school.school_class.id}"
    data_of(await teacher.delete(url))
    unknown = await teacher.get(f"{CLASSES}/{school.school.id}")
    for user in (school.teacher, school.student, school.admin):
        assert (await api.signed_in(user).get(url)).content == unknown.content
        assert items_of(await api.signed_in(user).get("/api/v1/assignments")) == []
    refusal_of(await teacher.delete(url), 404, "not_found")
    kept = text("SELECT count(*) FROM app.grades WHERE class_id = :id")
    assert rows.execute(kept, {"id": school.school_class.id}).scalar_one() == 1


async def test_classes_can_be_listed_by_year_and_subject(api: Api, school: SchoolBench) -> None:
    teacher, made = api.signed_in(school.teacher), {}
    for subject, year in (("Art", "2025-2026"), ("Art", "2026-2027"), ("Music", "2025-2026")):
        body = {"name": subject, "subject": subject, "school_year": year}
        made[subject, year] = data_of(await teacher.post(CLASSES, json=body), 201)["id"]
    wanted: dict[str, set[str]] = {
        "school_year=2025-2026": {made["Art", "2025-2026"], made["Music", "2025-2026"]},
        "subject=art": {made["Art", "2025-2026"], made["Art", "2026-2027"]},
        "subject=ART&school_year=2026-2027": {made["Art", "2026-2027"]},
        "school_year=1999": set(),
    }
    for query, ids in wanted.items():
        assert {item["id"] for item in items_of(await teacher.get(f"{CLASSES}?{query}"))} == ids, query


@pytest.mark.parametrize("year", ["2026-2028", "2026-2026", "26-27", "2026-27", "\u0662\u0660\u0662\u0666"])
async def test_a_school_year_is_two_years_in_a_row(api: Api, school: SchoolBench, year: str) -> None:
    teacher, url = api.signed_in(school.teacher), f"{CLASSES}/{school.school_class.id}"
    assert fields_of(await teacher.patch(url, json={"school_year": year})) == ["school_year"]
    assert fields_of(await teacher.get(CLASSES, params={"school_year": year})) == ["school_year"]


async def test_a_class_moves_to_another_year(api: Api, school: SchoolBench) -> None:
    teacher, url = api.signed_in(school.teacher), f"{CLASSES}/{school.school_class.id}"
    assert data_of(await teacher.patch(url, json={"school_year": "2027-2028"}))["school_year"] == "2027-2028"


async def test_who_made_a_new_code_is_in_the_trail(api: Api, school: SchoolBench, rows: Session) -> None:
    teacher, url = api.signed_in(school.teacher), f"{CLASSES}/{school.school_class.id}/code"
    data_of(await teacher.post(url, json={}))
    trail = text("SELECT action, actor_id FROM app.audit_events WHERE object_id = :id AND action <> 'read'")
    found = rows.execute(trail, {"id": school.school_class.id}).tuples().all()
    assert found == [("code_rotated", school.teacher.id)]
