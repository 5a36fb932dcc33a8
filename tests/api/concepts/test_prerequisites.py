"""What a concept builds on: replaced whole, shared by the district, never in a circle."""

import asyncio

from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import DistrictBench, World
from tests.fixtures.web import Api

CONCEPTS = "/api/v1/concepts"


async def chain(api: Api, bench: DistrictBench, *names: str) -> list[str]:
    """Concepts of which each builds on the one before."""
    client = api.signed_in(bench.schools[0].teacher)
    ids: list[str] = []
    for name in names:
        body = {"subject": "Chains", "name": name}
        concept_id = data_of(await client.post(CONCEPTS, json=body), 201)["id"]
        data_of(await client.put(f"{CONCEPTS}/{concept_id}/prerequisites", json={"concept_ids": ids[-1:]}))
        ids.append(concept_id)
    return ids


async def test_prerequisites_are_replaced_and_seen_in_every_school(api: Api, bench: DistrictBench) -> None:
    one, two, three = await chain(api, bench, "One", "Two", "Three")
    client = api.signed_in(bench.schools[0].teacher)
    data_of(await client.put(f"{CONCEPTS}/{three}/prerequisites", json={"concept_ids": [one, two]}))
    seen = data_of(await api.signed_in(bench.schools[1].student).get(f"{CONCEPTS}/{three}/prerequisites"))
    assert [concept["id"] for concept in seen["prerequisites"]] == [one, two]
    data_of(await client.put(f"{CONCEPTS}/{three}/prerequisites", json={"concept_ids": []}))
    assert data_of(await client.get(f"{CONCEPTS}/{three}/prerequisites"))["prerequisites"] == []


async def test_a_circle_is_refused_and_named(api: Api, bench: DistrictBench) -> None:
    one, _, three = await chain(api, bench, "One", "Two", "Three")
    client = api.signed_in(bench.schools[0].teacher)
    refused = await client.put(f"{CONCEPTS}/{one}/prerequisites", json={"concept_ids": [three]})
    message = refusal_of(refused, 409, "prerequisite_cycle")["message"]
    assert all(name in message for name in ("One", "Two", "Three"))
    assert data_of(await client.get(f"{CONCEPTS}/{one}/prerequisites"))["prerequisites"] == []
    itself = await client.put(f"{CONCEPTS}/{one}/prerequisites", json={"concept_ids": [one]})
    refusal_of(itself, 409, "prerequisite_cycle")


async def test_two_who_draw_half_a_circle_each_do_not_both_succeed(api: Api, bench: DistrictBench) -> None:
    client = api.signed_in(bench.schools[0].teacher)
    for round_ in range(5):
        made = [{"subject": "Races", "name": f"{half} {round_}"} for half in ("Left", "Right")]
        left, right = [data_of(await client.post(CONCEPTS, json=body), 201)["id"] for body in made]
        answers = await asyncio.gather(
            client.put(f"{CONCEPTS}/{left}/prerequisites", json={"concept_ids": [right]}),
            client.put(f"{CONCEPTS}/{right}/prerequisites", json={"concept_ids": [left]}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_concept_that_is_gone_is_nobodys_prerequisite_and_can_come_back(
    api: Api, bench: DistrictBench
) -> None:
    one, two = await chain(api, bench, "Gone", "Stays")
    data_of(await api.signed_in(bench.admin).delete(f"{CONCEPTS}/{one}"))
    client = api.signed_in(bench.schools[0].teacher)
    refusal_of(await client.get(f"{CONCEPTS}/{one}"), 404, "not_found")
    assert data_of(await client.get(f"{CONCEPTS}/{two}/prerequisites"))["prerequisites"] == []
    again = data_of(await client.post(CONCEPTS, json={"subject": "Chains", "name": "Gone"}), 201)
    assert again["id"] == one


async def test_a_prerequisite_of_another_district_does_not_exist(api: Api, shared_world: World) -> None:
    home, abroad = shared_world.districts
    client = api.signed_in(home.schools[0].teacher)
    body = {"concept_ids": [str(abroad.concept.id)]}
    refusal_of(await client.put(f"{CONCEPTS}/{home.concept.id}/prerequisites", json=body), 404, "not_found")


async def test_a_name_can_be_changed_to_a_free_one_only(api: Api, bench: DistrictBench) -> None:
    one, _ = await chain(api, bench, "First", "Second")
    client = api.signed_in(bench.schools[0].teacher)
    changed = data_of(await client.patch(f"{CONCEPTS}/{one}", json={"name": "Renamed", "code": "5.NF.1"}))
    assert (changed["name"], changed["code"], changed["subject"]) == ("Renamed", "5.NF.1", "Chains")
    clash = await client.patch(f"{CONCEPTS}/{one}", json={"name": "Second"})
    refusal_of(clash, 409, "concept_exists")
