"""A framework of standards becomes concepts; a newer version of it updates them."""

from typing import Any

from tests.api.envelopes import data_of, items_of, refusal_of
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api

CONCEPTS = "/api/v1/concepts"


def statement(identifier: str, text: str, code: str | None = None) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "uri": f"https://standards.example/{identifier}",
        "fullStatement": text,
        "humanCodingScheme": code,
        "CFItemType": "Standard",
    }


def association(kind: str, origin: str, destination: str) -> dict[str, Any]:
    return {
        "identifier": f"{origin}-{kind}-{destination}",
        "associationType": kind,
        "originNodeURI": {"title": "", "identifier": origin, "uri": ""},
        "destinationNodeURI": {"title": "", "identifier": destination, "uri": ""},
    }


def framework(*items: dict[str, Any], order: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    document = {"identifier": "doc", "title": "State standards", "subject": ["Fractions"]}
    return {"CFDocument": document, "CFItems": list(items), "CFAssociations": order or []}


EQUAL = statement("e-1", "Explain why fractions are equal", "4.NF.1")
ADD = statement("a-1", "Add fractions with unlike denominators", "5.NF.1")
ORDER = [association("precedes", "e-1", "a-1"), association("isChildOf", "a-1", "doc")]


async def test_statements_become_concepts_and_their_order_prerequisites(
    api: Api, bench: DistrictBench
) -> None:
    admin = api.signed_in(bench.admin)
    report = data_of(await admin.post(f"{CONCEPTS}/import", json=framework(EQUAL, ADD, order=ORDER)))
    assert (report["created"], report["prerequisites_added"], report["associations_left_aside"]) == (2, 1, 1)
    concepts = {
        concept["code"]: concept for concept in items_of(await admin.get(f"{CONCEPTS}?subject=Fractions"))
    }
    assert concepts["5.NF.1"]["name"] == "5.NF.1 Add fractions with unlike denominators"
    below = data_of(await admin.get(f"{CONCEPTS}/{concepts['5.NF.1']['id']}/prerequisites"))["prerequisites"]
    assert [concept["code"] for concept in below] == ["4.NF.1"]


async def test_the_same_file_changes_nothing_and_a_newer_one_updates(api: Api, bench: DistrictBench) -> None:
    admin = api.signed_in(bench.admin)
    first = framework(EQUAL, ADD, order=ORDER)
    await admin.post(f"{CONCEPTS}/import", json=first)
    again = data_of(await admin.post(f"{CONCEPTS}/import", json=first))
    assert (again["created"], again["updated"], again["unchanged"], again["prerequisites_added"]) == (
        0,
        0,
        2,
        0,
    )
    newer = framework(EQUAL, statement("a-1", "Add and subtract fractions", "5.NF.1"), order=ORDER)
    report = data_of(await admin.post(f"{CONCEPTS}/import", json=newer))
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 1, 1)


async def test_a_dry_run_reports_and_writes_nothing(api: Api, bench: DistrictBench) -> None:
    admin = api.signed_in(bench.admin)
    body = framework(EQUAL, ADD, order=ORDER)
    told = data_of(await admin.post(f"{CONCEPTS}/import?dry_run=true", json=body))
    assert items_of(await admin.get(f"{CONCEPTS}?subject=Fractions")) == []
    assert data_of(await admin.post(f"{CONCEPTS}/import", json=body)) == told


async def test_what_cannot_be_taken_is_named(api: Api, bench: DistrictBench) -> None:
    admin = api.signed_in(bench.admin)
    data_of(await admin.post(CONCEPTS, json={"subject": "Fractions", "name": ADD["fullStatement"]}), 201)
    body = framework(EQUAL, EQUAL, statement("a-2", ADD["fullStatement"]))
    report = data_of(await admin.post(f"{CONCEPTS}/import", json=body))
    assert [(entry["identifier"], entry["code"]) for entry in report["skipped"]] == [
        ("e-1", "duplicate_identifier"),
        ("a-2", "name_taken"),
    ]


async def test_an_order_that_runs_in_a_circle_is_refused_whole(api: Api, bench: DistrictBench) -> None:
    admin = api.signed_in(bench.admin)
    circle = [association("precedes", "e-1", "a-1"), association("precedes", "a-1", "e-1")]
    refused = await admin.post(f"{CONCEPTS}/import", json=framework(EQUAL, ADD, order=circle))
    refusal_of(refused, 409, "prerequisite_cycle")
    assert items_of(await admin.get(f"{CONCEPTS}?subject=Fractions")) == []


async def test_a_file_that_is_no_framework_is_refused(api: Api, bench: DistrictBench) -> None:
    admin = api.signed_in(bench.admin)
    assert (await admin.post(f"{CONCEPTS}/import", json={"hello": "world"})).status_code == 422
    nameless = {**framework(EQUAL), "CFDocument": {}}
    refusal_of(await admin.post(f"{CONCEPTS}/import", json=nameless), 422, "invalid_input")


async def test_a_subject_that_no_table_can_hold_loses_its_illegible_signs(
    api: Api, bench: DistrictBench
) -> None:
    admin = api.signed_in(bench.admin)
    body = {**framework(EQUAL), "CFDocument": {"title": "Fra\x00ctions"}}
    assert data_of(await admin.post(f"{CONCEPTS}/import", json=body))["subject"] == "Fractions"
    empty = {**framework(EQUAL), "CFDocument": {"subject": ["\x00"]}}
    refusal_of(await admin.post(f"{CONCEPTS}/import", json=empty), 422, "invalid_input")
    statement_with_nul = framework(statement("e-9", "Equal\x00ity"))
    answer = await admin.post(f"{CONCEPTS}/import", json=statement_with_nul)
    assert answer.status_code == 422, answer.text
