"""Questions of a bank: added one by one or many at once, changed, taken away, kept from assignments."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import AssignmentStatus, ReviewStatus
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.api.question_banks.requests import CHOICE, ESSAY, add, new_bank
from tests.factories.assignment import make_assignment, make_choice_question, tag_question
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api


async def test_a_question_comes_back_as_it_was_sent(api: Api, bench: DistrictBench) -> None:
    school = bench.schools[0]
    bank = await new_bank(api, school)
    made = await add(api, school, bank, {**CHOICE, "concept_ids": [str(bench.concept.id)] * 2})
    read = data_of(await api.signed_in(school.teacher).get(f"{bank}/questions/{made['id']}"))
    assert read == made
    assert (made["name"], made["prompt"], made["points"]) == ("Slope", CHOICE["prompt"], "2.00")
    assert (made["correct_option"], made["concept_ids"]) == ("b", [str(bench.concept.id)])
    assert (made["bank_id"], made["provenance"]) == (bank.rpartition("/")[2], None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"options": CHOICE["options"][:3]}, "options"),
        ({"points": "0"}, "points"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"bank_id": "me"}, "bank_id"),
    ],
    ids=["three options", "no points", "an empty name", "a long name", "a bank of its own"],
)
async def test_what_is_wrong_with_a_question_is_named(
    api: Api, school: SchoolBench, change: dict[str, Any], field: str
) -> None:
    bank = await new_bank(api, school)
    answer = await api.signed_in(school.teacher).post(f"{bank}/questions", json={**CHOICE, **change})
    assert [field in named for named in fields_of(answer)] == [True]


async def test_a_changed_question_keeps_nothing_of_the_old_kind(api: Api, bench: DistrictBench) -> None:
    school = bench.schools[0]
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    made = await add(api, school, bank, {**CHOICE, "concept_ids": [str(bench.concept.id)]})
    url = f"{bank}/questions/{made['id']}"
    body = {**ESSAY, "concept_ids": [str(bench.prerequisite.id)]}
    changed = data_of(await teacher.patch(url, json=body))
    assert (changed["kind"], changed["options"], changed["correct_option"], changed["name"]) == (
        "free_response",
        None,
        None,
        None,
    )
    assert changed["concept_ids"] == [str(bench.prerequisite.id)]
    assert data_of(await teacher.get(url)) == changed


async def test_a_question_of_another_bank_is_none_of_this_one(api: Api, school: SchoolBench) -> None:
    bank, other = await new_bank(api, school), await new_bank(api, school)
    question, teacher = await add(api, school, bank, CHOICE), api.signed_in(school.teacher)
    url = f"{other}/questions/{question['id']}"
    for answer in (await teacher.get(url), await teacher.patch(url, json=ESSAY), await teacher.delete(url)):
        refusal_of(answer, 404)


async def test_a_deleted_question_is_gone(api: Api, school: SchoolBench) -> None:
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    question = await add(api, school, bank, CHOICE)
    data_of(await teacher.delete(f"{bank}/questions/{question['id']}"))
    refusal_of(await teacher.get(f"{bank}/questions/{question['id']}"), 404)
    assert items_of(await teacher.get(f"{bank}/questions")) == []
    assert data_of(await teacher.get(bank))["question_count"] == 0


async def test_an_unknown_concept_adds_nothing(api: Api, school: SchoolBench) -> None:
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    refused = await teacher.post(f"{bank}/questions", json={**CHOICE, "concept_ids": [str(new_id())]})
    assert refusal_of(refused, 404, "not_found")["field"] == "concept_ids"
    assert items_of(await teacher.get(f"{bank}/questions")) == []


async def test_in_bulk_each_question_is_judged_for_itself(api: Api, bench: DistrictBench) -> None:
    school = bench.schools[0]
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    tagged = {**CHOICE, "concept_ids": [str(bench.concept.id)]}
    wrong: list[Any] = [
        {**CHOICE, "points": "0"},
        {**CHOICE, "concept_ids": [str(new_id())]},
        {**ESSAY, "kind": "matching"},
        "no question at all",
    ]
    answer = data_of(
        await teacher.post(f"{bank}/questions/bulk", json={"questions": [tagged, *wrong, ESSAY]})
    )
    assert answer["added"] == 2
    ids = [result["id"] for result in answer["results"]]
    assert [result["index"] for result in answer["results"]] == list(range(6))
    assert [bool(result["errors"]) for result in answer["results"]] == [False, *[True] * 4, False]
    assert [error["field"] for result in answer["results"][1:3] for error in result["errors"]] == [
        "points",
        "concept_ids",
    ]
    listed = items_of(await teacher.get(f"{bank}/questions"))
    assert [question["id"] for question in listed] == [ids[5], ids[0]]
    assert listed[1]["concept_ids"] == [str(bench.concept.id)]


@pytest.mark.parametrize("count", [0, 101])
async def test_bulk_takes_1_to_100(api: Api, school: SchoolBench, count: int) -> None:
    bank = await new_bank(api, school)
    body = {"questions": [ESSAY] * count}
    answer = await api.signed_in(school.teacher).post(f"{bank}/questions/bulk", json=body)
    assert fields_of(answer) == ["questions"]


async def test_a_repeated_bulk_adds_once(api: Api, school: SchoolBench) -> None:
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    body, key = {"questions": [CHOICE, ESSAY]}, {"Idempotency-Key": "bulk-1"}
    answers = [
        data_of(await teacher.post(f"{bank}/questions/bulk", json=body, headers=key)) for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert data_of(await teacher.get(bank))["question_count"] == 2


async def test_bulk_costs_the_same_statements_for_1_and_100(
    api: Api, bench: DistrictBench, statements: StatementCounter
) -> None:
    school = bench.schools[0]
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    body = {**CHOICE, "concept_ids": [str(bench.concept.id)]}
    costs = []
    for count in (1, 100):
        with statements.counting() as seen:
            data_of(await teacher.post(f"{bank}/questions/bulk", json={"questions": [body] * count}))
        costs.append(len(seen))
    assert costs[0] == costs[1]


async def test_questions_are_kept_from_an_assignment_in_the_order_asked_for(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    school = bench.schools[0]
    draft = make_assignment(rows, school.school_class, AssignmentStatus.DRAFT)
    first, second = (make_choice_question(rows, draft, number) for number in (1, 2))
    tag_question(rows, second, bench.concept)
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    body = {
        "assignment_id": str(draft.id),
        "question_ids": [str(second.id), str(first.id), str(second.id)],
    }
    kept = data_of(await teacher.post(f"{bank}/questions/from-assignment", json=body), 201)["questions"]
    assert [question["prompt"] for question in kept] == [second.prompt, first.prompt]
    assert [question["concept_ids"] for question in kept] == [[str(bench.concept.id)], []]
    assert kept[0]["provenance"] == {
        "origin": "assignment",
        "assignment_id": str(draft.id),
        "question_id": str(second.id),
    }
    listed = items_of(await teacher.get(f"{bank}/questions"))
    assert [question["id"] for question in listed] == [kept[1]["id"], kept[0]["id"]]


async def test_what_a_machine_wrote_stays_known_as_such(api: Api, school: SchoolBench, rows: Session) -> None:
    question = make_choice_question(rows, school.draft, 2)
    question.provenance = {"origin": "offline"}
    rows.flush()
    bank = await new_bank(api, school)
    body = {"assignment_id": str(school.draft.id), "question_ids": [str(question.id)]}
    answer = await api.signed_in(school.teacher).post(f"{bank}/questions/from-assignment", json=body)
    assert data_of(answer, 201)["questions"][0]["provenance"]["before"] == {"origin": "offline"}


async def test_what_nobody_has_accepted_is_not_kept(api: Api, school: SchoolBench, rows: Session) -> None:
    """A bank has no review: an assignment that takes the copy would show it as accepted."""
    question = make_choice_question(rows, school.draft, 2)
    question.review_status = ReviewStatus.UNREVIEWED
    rows.flush()
    bank, teacher = await new_bank(api, school), api.signed_in(school.teacher)
    ids = [str(school.draft_question.id), str(question.id)]
    body = {"assignment_id": str(school.draft.id), "question_ids": ids}
    refusal_of(await teacher.post(f"{bank}/questions/from-assignment", json=body), 409, "not_yet_accepted")
    assert items_of(await teacher.get(f"{bank}/questions")) == []


async def test_a_colleagues_questions_are_not_for_keeping(api: Api, school: SchoolBench) -> None:
    colleague = api.signed_in(school.other_teacher)
    made = data_of(await colleague.post("/api/v1/question-banks", json={"name": "Mine"}), 201)
    url = f"/api/v1/question-banks/{made['id']}/questions/from-assignment"
    body = {"assignment_id": str(school.assignment.id), "question_ids": [str(school.choice_question.id)]}
    refusal_of(await colleague.post(url, json=body), 404)
    bank = await new_bank(api, school)
    mixed = {"assignment_id": str(school.draft.id), "question_ids": [str(school.choice_question.id)]}
    answer = await api.signed_in(school.teacher).post(f"{bank}/questions/from-assignment", json=mixed)
    assert refusal_of(answer, 404)["field"] == "question_ids"
