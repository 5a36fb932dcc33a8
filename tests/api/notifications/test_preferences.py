"""Everybody decides how and when they are told of what; what cannot be, is refused by name."""

import asyncio
from typing import Any

import pytest

from tests.api.envelopes import data_of, fields_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

PREFERENCES = "/api/v1/notifications/preferences"


def deliveries(preferences: dict[str, Any]) -> dict[str, str]:
    return {each["kind"]: each["delivery"] for each in preferences["kinds"]}


async def test_who_decided_nothing_is_told_everything_at_once(api: Api, school: SchoolBench) -> None:
    preferences = data_of(await api.signed_in(school.teacher).get(PREFERENCES))
    assert set(deliveries(preferences).values()) == {"in_app"}
    assert preferences["quiet_hours"] is None
    assert all(each["about"] for each in preferences["kinds"])


async def test_what_one_decides_replaces_what_one_decided_before(api: Api, school: SchoolBench) -> None:
    client = api.signed_in(school.student)
    quiet = {"from": "22:00", "until": "06:30", "time_zone": "Europe/Berlin"}
    body = {"kinds": {"announcement": "off", "grade_published": "email_digest"}, "quiet_hours": quiet}
    kept = data_of(await client.put(PREFERENCES, json=body))
    assert kept == data_of(await client.get(PREFERENCES))
    assert deliveries(kept)["announcement"] == "off"
    assert deliveries(kept)["grade_published"] == "email_digest"
    hours = {"from": "22:00:00", "until": "06:30:00", "time_zone": "Europe/Berlin"}
    assert (kept["quiet_hours"], kept["time_zone"]) == (hours, "Europe/Berlin")
    fresh = data_of(await client.put(PREFERENCES, json={"kinds": {"job_done": "off"}}))
    assert {kind for kind, delivery in deliveries(fresh).items() if delivery != "in_app"} == {"job_done"}
    assert fresh["quiet_hours"] is None


async def test_an_administrator_of_the_district_decides_too(api: Api, school: SchoolBench) -> None:
    client = api.signed_in(school.admin)
    kept = data_of(await client.put(PREFERENCES, json={"kinds": {"job_done": "email_digest"}}))
    assert deliveries(kept)["job_done"] == "email_digest"


@pytest.mark.parametrize(
    "body",
    [
        {"kinds": {"gossip": "off"}},
        {"kinds": {"job_done": "by_pigeon"}},
        {"kinds": {"session_reused": "off"}},
        {"quiet_hours": {"from": "22:00"}},
        {"quiet_hours": {"from": "22:00", "until": "22:00"}},
        {"quiet_hours": {"from": "22:00Z", "until": "06:00"}},
        {"quiet_hours": {"from": "25:00", "until": "06:00"}},
        {"quiet_hours": {"from": "22:00", "until": "06:00", "time_zone": "Middle/Earth"}},
        {"quiet_hours": {"from": "22:00", "until": "06:00", "time_zone": "../../etc/passwd"}},
        {"loud_hours": None},
    ],
    ids=lambda body: str(body)[:60],
)
async def test_what_cannot_be_is_refused(api: Api, school: SchoolBench, body: dict[str, Any]) -> None:
    assert fields_of(await api.signed_in(school.student).put(PREFERENCES, json=body))


async def test_of_tabs_that_save_at_once_one_wins_as_a_whole(api: Api, school: SchoolBench) -> None:
    client = api.signed_in(school.classmate)
    choices = [{"announcement": "off", "job_done": "off"}, {"grade_published": "off", "grade_changed": "off"}]
    bodies = [{"kinds": choices[number % 2]} for number in range(10)]
    answers = await asyncio.gather(*(client.put(PREFERENCES, json=body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    stands = deliveries(data_of(await client.get(PREFERENCES)))
    turned_off = {kind for kind, delivery in stands.items() if delivery == "off"}
    assert turned_off in [set(choice) for choice in choices]
