"""Finding a bank's questions: beginnings of words, concept, difficulty and kind, all of them at once."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.question_banks.requests import CHOICE, ESSAY, add, new_bank
from tests.factories.concept import make_concept
from tests.factories.question_bank import make_bank, make_bank_question, tag_bank_question
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

BOTH = ["choice", "essay"]


async def filled(api: Api, bench: DistrictBench) -> tuple[str, dict[str, str]]:
    """Return the address of a bank with one question of each kind, and names for their ids."""
    school = bench.schools[0]
    bank = await new_bank(api, school)
    choice = {**CHOICE, "difficulty": "hard", "concept_ids": [str(bench.concept.id)]}
    essay = {**ESSAY, "prompt": "Erkläre die Photosynthese in Zoë's Café."}
    made = {name: await add(api, school, bank, body) for name, body in (("choice", choice), ("essay", essay))}
    return bank, {question["id"]: name for name, question in made.items()}


QUERIES: dict[str, tuple[dict[str, str], list[str]]] = {
    "nothing asked": ({}, BOTH),
    "empty text": ({"q": "  "}, BOTH),
    "a word of the prompt": ({"q": "slope"}, ["choice"]),
    "how a word begins": ({"q": "photosy"}, ["essay"]),
    "another case": ({"q": "SLOPE"}, ["choice"]),
    "without accents": ({"q": "erklare zoe cafe"}, ["essay"]),
    "with accents": ({"q": "Zoë"}, ["essay"]),
    "a word of an option": ({"q": "zero"}, ["choice"]),
    "words in any order": ({"q": "y what slope"}, ["choice"]),
    "one word that does not occur": ({"q": "slope photosynthese"}, []),
    "the middle of a word": ({"q": "lope"}, []),
    "only signs": ({"q": "%"}, []),
    "a wildcard is a sign": ({"q": "sl_pe"}, []),
    "signs between words": ({"q": "y=2x?"}, ["choice"]),
    "difficulty": ({"difficulty": "hard"}, ["choice"]),
    "kind": ({"kind": "free_response"}, ["essay"]),
    "text and difficulty": ({"q": "photo", "difficulty": "hard"}, []),
    "text and kind": ({"q": "slope", "kind": "multiple_choice"}, ["choice"]),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_everything_asked_for_must_fit(api: Api, bench: DistrictBench, name: str) -> None:
    query, expected = QUERIES[name]
    bank, names = await filled(api, bench)
    found = items_of(await api.signed_in(bench.schools[0].teacher).get(f"{bank}/questions", params=query))
    assert sorted(names[question["id"]] for question in found) == expected


async def test_a_concept_finds_what_practises_it(api: Api, bench: DistrictBench) -> None:
    bank, names = await filled(api, bench)
    teacher = api.signed_in(bench.schools[0].teacher)
    for concept, query, expected in (
        (bench.concept, "", ["choice"]),
        (bench.concept, "slope", ["choice"]),
        (bench.concept, "photo", []),
        (bench.prerequisite, "", []),
    ):
        params = {"concept_id": str(concept.id), "q": query}
        found = items_of(await teacher.get(f"{bank}/questions", params=params))
        assert [names[question["id"]] for question in found] == expected
    shown = items_of(await teacher.get(f"{bank}/questions", params={"q": "slope"}))
    assert shown[0]["concept_ids"] == [str(bench.concept.id)]


async def test_no_more_than_eight_words(api: Api, school: SchoolBench) -> None:
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    data_of(await teacher.get(f"{bank}/questions", params={"q": "a b c d e f g h"}))
    refused = await teacher.get(f"{bank}/questions", params={"q": "a b c d e f g h i"})
    assert refusal_of(refused, 422, "too_many_words")["field"] == "q"


async def test_a_search_stays_in_its_bank(api: Api, bench: DistrictBench) -> None:
    school = bench.schools[0]
    await filled(api, bench)
    other = await new_bank(api, school)
    assert (
        items_of(await api.signed_in(school.teacher).get(f"{other}/questions", params={"q": "slope"})) == []
    )


async def test_pages_of_a_search_begin_with_the_newest_and_leave_none_out(
    api: Api, school: SchoolBench
) -> None:
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    made = [(await add(api, school, bank, CHOICE))["id"] for _ in range(5)]
    seen: list[str] = []
    params: dict[str, Any] = {"q": "slope", "limit": 2}
    while True:
        page = data_of(await teacher.get(f"{bank}/questions", params=params))
        seen += [question["id"] for question in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == list(reversed(made))


async def test_changed_words_are_found_and_old_ones_are_not(api: Api, school: SchoolBench) -> None:
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    question = await add(api, school, bank, CHOICE)
    url = f"{bank}/questions"
    data_of(await teacher.patch(f"{url}/{question['id']}", json=ESSAY))
    assert items_of(await teacher.get(url, params={"q": "slope"})) == []
    assert len(items_of(await teacher.get(url, params={"q": "photosynthesis"}))) == 1
    data_of(await teacher.delete(f"{url}/{question['id']}"))
    assert items_of(await teacher.get(url, params={"q": "photosynthesis"})) == []


async def test_a_search_costs_the_same_statements_for_1_20_and_100_rows(
    api: Api, bench: DistrictBench, rows: Session, statements: StatementCounter
) -> None:
    school = bench.schools[0]
    bank = make_bank(rows, school.teacher)
    url = f"/api/v1/question-banks/{bank.id}/questions"
    costs: dict[str, set[int]] = {"": set(), "prompt option": set()}
    made = 0
    for size in (1, 20, 100):
        while made < size:
            question = make_bank_question(rows, bank)
            tag_bank_question(rows, question, make_concept(rows, bench.district))
            made += 1
        for words, seen in costs.items():
            with statements.counting() as asked:
                found = items_of(
                    await api.signed_in(school.teacher).get(url, params={"q": words, "limit": 100})
                )
            assert len(found) == size
            seen.add(len(asked))
    assert costs == {"": {4}, "prompt option": {4}}, "the tenant, the bank, the page, its concepts"
