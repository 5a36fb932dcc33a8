"""A bank leaves in every format and comes back whole, through the public door."""

import pytest

from tests.api.envelopes import data_of, items_of, refusal_of
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api

BANKS = "/api/v1/question-banks"
GIFT = {"Content-Type": "text/plain"}
OPTIONS = [
    {"text": f"{number}/4", "is_correct": number == 3, "feedback": "Compare."} for number in range(1, 5)
]
RUBRIC = [{"criterion": "Names both parts", "points": "2", "levels": [{"label": "One", "points": "1"}]}]


async def bank_with_questions(api: Api, bench: DistrictBench) -> str:
    teacher = api.signed_in(bench.schools[0].teacher)
    bank = data_of(await teacher.post(BANKS, json={"name": "Fractions"}), 201)
    shared = {"points": "2.5", "difficulty": "hard", "concept_ids": [str(bench.concept.id)]}
    choice = {
        "kind": "multiple_choice",
        "prompt": "Which is 0.75?\nThink.",
        "options": OPTIONS,
        "name": "Quarters",
    }
    essay = {
        "kind": "free_response",
        "prompt": "What is a fraction?",
        "model_answer": "A part.",
        "rubric": RUBRIC,
    }
    for body in (choice, essay):
        data_of(await teacher.post(f"{BANKS}/{bank['id']}/questions", json={**shared, **body}), 201)
    return str(bank["id"])


@pytest.mark.parametrize("name", ["gift", "moodle_xml", "qti"])
async def test_a_bank_goes_out_and_comes_back_the_same(api: Api, bench: DistrictBench, name: str) -> None:
    teacher = api.signed_in(bench.schools[0].teacher)
    source = await bank_with_questions(api, bench)
    exported = await teacher.get(f"{BANKS}/{source}/export", params={"format": name})
    assert exported.headers["Content-Disposition"].startswith("attachment; filename=")
    target = data_of(await teacher.post(BANKS, json={"name": "Again"}), 201)["id"]
    media_type = exported.headers["Content-Type"].partition(";")[0]
    url = f"{BANKS}/{target}/import"
    told = data_of(
        await teacher.post(
            f"{url}?dry_run=true", content=exported.content, headers={"Content-Type": media_type}
        )
    )
    assert items_of(await teacher.get(f"{BANKS}/{target}/questions")) == []
    form = {"file": ("bank", exported.content, media_type)}
    assert data_of(await teacher.post(url, files=form)) == told
    assert told == {"imported": 2, "skipped": [], "unknown_concepts": []}
    before, after = [items_of(await teacher.get(f"{BANKS}/{bank}/questions")) for bank in (source, target)]
    own = {"id", "bank_id", "created_at", "provenance"}
    assert [{key: value for key, value in item.items() if key not in own} for item in after] == [
        {key: value for key, value in item.items() if key not in own} for item in before
    ]


async def test_what_is_not_taken_is_named_and_the_rest_is(api: Api, bench: DistrictBench) -> None:
    teacher = api.signed_in(bench.schools[0].teacher)
    bank = data_of(await teacher.post(BANKS, json={"name": "Mixed"}), 201)["id"]
    file = "::Good::Why? {}\n\n::Truth::The sun is a star. {T}\n\n::Three::Pick {=a ~b ~c}\n"
    report = data_of(await teacher.post(f"{BANKS}/{bank}/import", content=file, headers=GIFT))
    assert report["imported"] == 1
    assert [(item["item"], item["name"], item["code"]) for item in report["skipped"]] == [
        (2, "Truth", "unsupported_type"),
        (3, "Three", "not_four_options"),
    ]


async def test_a_concept_the_district_does_not_have_is_named(api: Api, bench: DistrictBench) -> None:
    source = await bank_with_questions(api, bench)
    exported = await api.signed_in(bench.schools[0].teacher).get(f"{BANKS}/{source}/export")
    file = exported.text.replace(bench.concept.name, "Alchemy")
    teacher = api.signed_in(bench.schools[0].other_teacher)
    bank = data_of(await teacher.post(BANKS, json={"name": "Elsewhere"}), 201)["id"]
    report = data_of(await teacher.post(f"{BANKS}/{bank}/import", content=file, headers=GIFT))
    assert (report["imported"], report["unknown_concepts"]) == (2, ["Alchemy"])


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        ("<!DOCTYPE q [<!ENTITY a 'b'>]><quiz>&a;</quiz>", "application/xml", "unsafe_xml"),
        ("<quiz>", "application/xml", "unreadable_file"),
        ("PK\x03\x04 is no archive", "application/zip", "unsafe_archive"),
    ],
)
async def test_a_hostile_file_is_refused_and_adds_nothing(
    api: Api, bench: DistrictBench, content: str, media_type: str, code: str
) -> None:
    teacher = api.signed_in(bench.schools[0].teacher)
    bank = data_of(await teacher.post(BANKS, json={"name": "Safe"}), 201)["id"]
    headers = {"Content-Type": media_type}
    refused = await teacher.post(f"{BANKS}/{bank}/import", content=content.encode(), headers=headers)
    refusal_of(refused, 422, code)
    assert items_of(await teacher.get(f"{BANKS}/{bank}/questions")) == []


async def test_a_shared_bank_is_exported_by_colleagues_and_filled_by_its_owner_only(
    api: Api, bench: DistrictBench
) -> None:
    source = await bank_with_questions(api, bench)
    colleague = api.signed_in(bench.schools[0].other_teacher)
    refusal_of(await colleague.get(f"{BANKS}/{source}/export"), 404, "not_found")
    await api.signed_in(bench.schools[0].teacher).patch(f"{BANKS}/{source}", json={"is_shared": True})
    assert (await colleague.get(f"{BANKS}/{source}/export")).status_code == 200
    refused = await colleague.post(f"{BANKS}/{source}/import", content="A? {}", headers=GIFT)
    refusal_of(refused, 404, "not_found")
