"""Questions from banks come as copies: one's own banks and the school's shared ones, and no others."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import BankQuestion, User
from tests.api.assignments.drafts import draft_with
from tests.api.assignments.test_assignments import ASSIGNMENTS
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, refusal_of
from tests.factories.concept import make_concept
from tests.factories.question_bank import make_bank, make_bank_question, tag_bank_question
from tests.factories.saving import saved
from tests.factories.world import DistrictBench, SchoolBench, World
from tests.fixtures.web import Api


async def take(api: Api, school: SchoolBench, draft: dict[str, Any], *questions: BankQuestion) -> Any:
    body = {"question_ids": [str(question.id) for question in questions]}
    url = f"{ASSIGNMENTS}/{draft['id']}/questions/from-bank"
    return await api.signed_in(school.teacher).post(url, json=body)


def banked(rows: Session, owner: User, *, is_shared: bool = False) -> BankQuestion:
    return make_bank_question(rows, make_bank(rows, owner, is_shared=is_shared))


async def test_copies_are_appended_in_the_order_asked_for(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    school = bench.schools[0]
    draft = await draft_with(api, school, 1)
    shared = banked(rows, school.other_teacher, is_shared=True)
    shown = data_of(await take(api, school, draft, shared, school.bank_question), 201)
    assert [question["position"] for question in shown["questions"]] == [1, 2, 3]
    _, first, second = shown["questions"]
    assert (first["prompt"], second["prompt"]) == (shared.prompt, school.bank_question.prompt)
    assert second["concept_ids"] == [str(bench.concept.id)]
    assert second["correct_option"] == school.bank_question.correct_option
    assert first["provenance"] == {
        "origin": "bank",
        "bank_id": str(shared.bank_id),
        "question_id": str(shared.id),
    }
    assert shown["version"] == draft["version"] + 1


async def test_what_a_machine_wrote_stays_known_as_such(api: Api, school: SchoolBench, rows: Session) -> None:
    draft = await draft_with(api, school, 0)
    question = banked(rows, school.teacher)
    question.provenance = {"origin": "ai"}
    saved(rows, question)
    (shown,) = data_of(await take(api, school, draft, question), 201)["questions"]
    assert shown["provenance"]["before"] == {"origin": "ai"}


async def test_a_concept_that_is_gone_stays_away(api: Api, bench: DistrictBench, rows: Session) -> None:
    school = bench.schools[0]
    gone = make_concept(rows, bench.district)
    tag_bank_question(rows, school.bank_question, gone)
    url = f"/api/v1/concepts/{gone.id}"
    data_of(await api.signed_in(bench.admin).delete(url))
    draft = await draft_with(api, school, 0)
    (shown,) = data_of(await take(api, school, draft, school.bank_question), 201)["questions"]
    assert shown["concept_ids"] == [str(bench.concept.id)]


@pytest.mark.parametrize("owner", ["a colleague", "next door", "another district"])
async def test_other_banks_are_not_there(
    api: Api, bench: DistrictBench, rows: Session, shared_world: World, owner: str
) -> None:
    school = bench.schools[0]
    draft = await draft_with(api, school, 0)
    questions = {
        "a colleague": lambda: banked(rows, school.other_teacher),
        "next door": lambda: banked(rows, bench.schools[1].teacher, is_shared=True),
        "another district": lambda: shared_world.districts[0].schools[0].bank_question,
    }
    refused = await take(api, school, draft, school.bank_question, questions[owner]())
    assert refusal_of(refused, 404, "not_found")["field"] == "question_ids"
    url = f"{ASSIGNMENTS}/{draft['id']}"
    assert data_of(await api.signed_in(school.teacher).get(url))["questions"] == []


async def test_more_questions_cost_no_more_statements(
    api: Api, school: SchoolBench, rows: Session, statements: StatementCounter
) -> None:
    costs = []
    questions = [banked(rows, school.teacher) for _ in range(12)]
    for count in (2, 12):
        draft = await draft_with(api, school, 0)
        with statements.counting() as seen:
            data_of(await take(api, school, draft, *questions[:count]), 201)
        costs.append(len(seen))
    assert costs[0] == costs[1]


async def test_an_assignment_holds_two_hundred_questions(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    questions = [make_bank_question(rows, school.bank) for _ in range(199)]
    draft = await draft_with(api, school, 1)
    assert len(data_of(await take(api, school, draft, *questions), 201)["questions"]) == 200
    refusal_of(await take(api, school, draft, questions[0]), 409, "too_many_questions")
    repeated = {"question_ids": [str(new_id())] * 201}
    url = f"{ASSIGNMENTS}/{draft['id']}/questions/from-bank"
    refusal_of(await api.signed_in(school.teacher).post(url, json=repeated), 422)
