"""Warnings about students at risk: who sees them, what staff answer, and that nothing of it is lost."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.models import ClassEnrollment, EnrollmentStatus, RiskFlag, RiskLevel, User
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, refusal_of
from tests.factories.flag import make_risk_flag
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

URL = "/api/v1/analytics/struggling"
ANY = {"If-Match": "*"}
_TRAIL = text(
    "SELECT action, actor_id, subject_id FROM app.audit_events"
    " WHERE district_id = :district AND object_id = :flag AND object_type = 'risk_flag'"
)


async def listed(api: Api, user: User, **query: object) -> list[str]:
    shown = data_of(await api.signed_in(user).get(URL, params=query))
    return [item["id"] for item in shown["items"]]


async def answered(api: Api, school: SchoolBench, **body: object) -> Any:
    client = api.signed_in(school.teacher)
    return data_of(await client.patch(f"{URL}/{school.risk_flag.id}", json=body, headers=ANY))


async def test_a_teacher_sees_who_is_at_risk_in_own_classes_and_why(api: Api, school: SchoolBench) -> None:
    (item,) = data_of(await api.signed_in(school.teacher).get(URL))["items"]
    flag = school.risk_flag
    assert (item["id"], item["student_name"], item["class_name"]) == (
        str(flag.id),
        school.student.name,
        school.school_class.name,
    )
    assert (item["level"], item["probability"], item["reasons"]) == ("concern", 0.7, flag.reasons)
    assert (item["status"], item["version"], item["cleared_at"]) == ("open", 1, None)
    assert await listed(api, school.other_teacher) == []


async def test_an_admin_sees_the_own_school_or_the_whole_district(api: Api, bench: DistrictBench) -> None:
    first, second = (str(school.risk_flag.id) for school in bench.schools)
    assert await listed(api, bench.schools[0].admin) == [first]
    assert set(await listed(api, bench.admin)) == {first, second}
    assert await listed(api, bench.admin, school_id=bench.schools[1].school.id) == [second]
    assert await listed(api, bench.admin, class_id=bench.schools[0].school_class.id) == [first]
    assert await listed(api, bench.schools[0].admin, school_id=bench.schools[1].school.id) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"level": "concern"}, True),
        ({"level": "urgent"}, False),
        ({"status": "open"}, True),
        ({"status": "dismissed"}, False),
    ],
)
async def test_the_list_is_of_one_level_or_answer_where_asked(
    api: Api, school: SchoolBench, query: dict[str, str], found: bool
) -> None:
    assert bool(await listed(api, school.teacher, **query)) is found


async def test_warnings_come_in_pages_the_latest_first(api: Api, rows: Session, school: SchoolBench) -> None:
    later = make_risk_flag(rows, school.school_class, school.classmate)
    rows.commit()
    client = api.signed_in(school.teacher)
    first = data_of(await client.get(URL, params={"limit": 1}))
    second = data_of(await client.get(URL, params={"limit": 1, "cursor": first["next_cursor"]}))
    shown = [item["id"] for item in first["items"] + second["items"]]
    assert (shown, second["next_cursor"]) == ([str(later.id), str(school.risk_flag.id)], None)


@pytest.mark.parametrize(
    ("action", "status"), [("acknowledge", "acknowledged"), ("dismiss", "dismissed"), ("action", "acted")]
)
async def test_what_staff_answer_stands_in_flag_history_and_trail(
    api: Api, rows: Session, school: SchoolBench, action: str, status: str
) -> None:
    shown = await answered(api, school, action=action, note="Was ill; back on Monday.")
    assert (shown["status"], shown["note"], shown["version"]) == (status, "Was ill; back on Monday.", 2)
    assert shown["decided_by"] == str(school.teacher.id)
    detail = data_of(await api.signed_in(school.teacher).get(f"{URL}/{school.risk_flag.id}"))
    assert [(line["status"], line["actor_id"]) for line in detail["history"]] == [
        (status, str(school.teacher.id)),
        ("open", None),
    ]
    (row,) = rows.execute(_TRAIL, {"district": school.school.district_id, "flag": school.risk_flag.id})
    assert tuple(row) == (status, school.teacher.id, school.student.id)


@pytest.mark.parametrize("action", ["dismiss", "action"])
async def test_whoever_dismisses_or_acts_says_why_or_what(api: Api, school: SchoolBench, action: str) -> None:
    client = api.signed_in(school.teacher)
    response = await client.patch(f"{URL}/{school.risk_flag.id}", json={"action": action}, headers=ANY)
    refusal = refusal_of(response, 422)
    assert refusal["code"] == "invalid_note"


async def test_an_answer_names_the_version_it_is_about(api: Api, rows: Session, school: SchoolBench) -> None:
    client = api.signed_in(school.teacher)
    url, body = f"{URL}/{school.risk_flag.id}", {"action": "acknowledge"}
    etag = (await client.get(url)).headers["ETag"]
    refusal_of(await client.patch(url, json=body), 428)
    flag = rows.get_one(RiskFlag, (school.school.district_id, school.risk_flag.id))
    flag.level = RiskLevel.URGENT  # the pipeline, meanwhile
    rows.commit()
    refusal_of(await client.patch(url, json=body, headers={"If-Match": etag}), 412)
    etag = (await client.get(url)).headers["ETag"]
    answer = await client.patch(url, json=body, headers={"If-Match": etag})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"3"')


async def test_a_warning_that_is_over_can_be_read_and_not_answered(
    api: Api, rows: Session, school: SchoolBench
) -> None:
    flag = rows.get_one(RiskFlag, (school.school.district_id, school.risk_flag.id))
    flag.cleared_at = flag.raised_at
    rows.commit()
    client = api.signed_in(school.teacher)
    assert await listed(api, school.teacher) == []
    assert data_of(await client.get(f"{URL}/{flag.id}"))["history"][0]["is_cleared"] is True
    refusal = refusal_of(
        await client.patch(f"{URL}/{flag.id}", json={"action": "acknowledge"}, headers=ANY), 409
    )
    assert refusal["code"] == "flag_cleared"


async def test_a_student_who_left_the_class_is_shown_no_longer(
    api: Api, rows: Session, school: SchoolBench
) -> None:
    place = rows.scalars(
        select(ClassEnrollment).where(
            ClassEnrollment.district_id == school.school.district_id,
            ClassEnrollment.class_id == school.school_class.id,
            ClassEnrollment.student_id == school.student.id,
        )
    ).one()
    place.status = EnrollmentStatus.REMOVED
    rows.commit()
    assert await listed(api, school.teacher) == []
    refusal_of(await api.signed_in(school.teacher).get(f"{URL}/{school.risk_flag.id}"), 404)


async def test_the_number_of_statements_does_not_grow_with_the_warnings(
    api: Api, rows: Session, school: SchoolBench, statements: StatementCounter
) -> None:
    counts = []
    for newcomer in (None, school.classmate):
        if newcomer is not None:
            make_risk_flag(rows, school.school_class, newcomer)
            rows.commit()
        with statements.counting() as asked:
            await listed(api, school.teacher)
        counts.append(len(asked))
    assert counts[0] == counts[1]


async def test_of_two_who_answer_at_once_one_is_told_to_look_again(api: Api, bench: DistrictBench) -> None:
    school = bench.schools[0]
    url, seen = f"{URL}/{school.risk_flag.id}", {"If-Match": '"1"'}
    answers = await asyncio.gather(
        api.signed_in(school.teacher).patch(url, json={"action": "acknowledge"}, headers=seen),
        api.signed_in(school.admin).patch(
            url, json={"action": "action", "note": "Called home."}, headers=seen
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
