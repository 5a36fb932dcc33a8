"""Concepts belong to the district: every school of it uses one list, and no other district sees it."""

import asyncio

from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.world import DistrictBench, World
from tests.fixtures.web import Api

CONCEPTS = "/api/v1/concepts"
SLOPE = {"subject": "Mathematics", "name": "Slope", "description": "Rise over run."}


async def test_a_concept_is_shared_by_the_schools_of_a_district(api: Api, bench: DistrictBench) -> None:
    home, sister = bench.schools
    made = data_of(await api.signed_in(home.teacher).post(CONCEPTS, json=SLOPE), 201)
    for user in (sister.student, sister.admin, bench.admin):
        client = api.signed_in(user)
        assert data_of(await client.get(f"{CONCEPTS}/{made['id']}")) == made
        assert made in items_of(await client.get(CONCEPTS))


async def test_another_district_sees_neither_the_concept_nor_that_it_exists(
    api: Api, shared_world: World
) -> None:
    home, abroad = shared_world.districts
    client = api.signed_in(abroad.schools[0].teacher)
    foreign = await client.get(f"{CONCEPTS}/{home.concept.id}")
    unknown = await client.get(f"{CONCEPTS}/{home.admin.id}")
    refusal_of(foreign, 404, "not_found")
    assert foreign.content == unknown.content
    assert str(home.concept.id) not in (await client.get(CONCEPTS)).text


async def test_one_name_per_subject(api: Api, bench: DistrictBench) -> None:
    client = api.signed_in(bench.schools[0].teacher)
    answers = await asyncio.gather(*(client.post(CONCEPTS, json=SLOPE) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    clash = next(answer for answer in answers if answer.status_code == 409)
    assert refusal_of(clash, 409, "concept_exists")["field"] == "name"
    data_of(await client.post(CONCEPTS, json={**SLOPE, "subject": "Geography"}), 201)


async def test_two_districts_may_use_the_same_name(api: Api, shared_world: World) -> None:
    body = {"subject": "Music", "name": "Rhythm"}
    for district in shared_world.districts:
        data_of(await api.signed_in(district.admin).post(CONCEPTS, json=body), 201)


async def test_what_is_wrong_with_a_concept_is_named(api: Api, shared_world: World) -> None:
    client = api.signed_in(shared_world.districts[0].admin)
    assert fields_of(await client.post(CONCEPTS, json={"subject": "", "name": "x" * 201})) == [
        "subject",
        "name",
    ]
