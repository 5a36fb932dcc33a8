"""Questions of a draft are changed, ordered and taken away; what has been right is never forgotten."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.api.assignments.drafts import draft_with, unreviewed_draft, url_of
from tests.api.assignments.test_assignments import ANY_VERSION, ASSIGNMENTS
from tests.api.assignments.test_questions import CHOICE, ESSAY
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api


def prompts(shown: dict[str, Any]) -> list[tuple[int, str]]:
    return [(question["position"], question["prompt"]) for question in shown["questions"]]


async def test_another_content_replaces_all_of_the_old_one(api: Api, bench: DistrictBench) -> None:
    school = bench.schools[0]
    draft = await draft_with(api, school, 1)
    url = f"{ASSIGNMENTS}/{draft['id']}/questions/{draft['questions'][0]['id']}"
    body = {**ESSAY, "model_answer": "Rise over run.", "concept_ids": [str(bench.concept.id)]}
    teacher = api.signed_in(school.teacher)
    changed = data_of(await teacher.patch(url, json=body, headers=ANY_VERSION))
    assert (changed["kind"], changed["options"], changed["correct_option"]) == ("free_response", None, None)
    assert changed["concept_ids"] == [str(bench.concept.id)]
    data_of(await teacher.patch(url, json=CHOICE, headers=ANY_VERSION))
    (shown,) = data_of(await teacher.get(f"{ASSIGNMENTS}/{draft['id']}"))["questions"]
    assert (shown["kind"], shown["model_answer"], shown["concept_ids"]) == ("multiple_choice", None, [])
    assert (shown["id"], shown["position"]) == (changed["id"], 1)


async def test_who_edits_what_a_machine_wrote_stands_behind_it(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    draft, (question, other) = unreviewed_draft(rows, school)
    url = f"{url_of(draft)}/questions/{question.id}"
    changed = data_of(await api.signed_in(school.teacher).patch(url, json=CHOICE, headers=ANY_VERSION))
    assert (changed["review_status"], changed["provenance"]) == ("accepted", {"origin": "ai"})
    reviewers = text("SELECT id, reviewed_by FROM app.questions WHERE assignment_id = :id")
    found = {row.id: row.reviewed_by for row in rows.execute(reviewers, {"id": draft.id})}
    assert found == {question.id: school.teacher.id, other.id: None}


async def test_each_key_is_kept_with_who_made_it(api: Api, school: SchoolBench) -> None:
    draft = await draft_with(api, school, 1)
    url = f"{ASSIGNMENTS}/{draft['id']}/questions/{draft['questions'][0]['id']}"
    teacher = api.signed_in(school.teacher)
    options = [{"text": "1", "is_correct": True}, {"text": "2"}, {"text": "x"}, {"text": "0"}]
    worth_more = {**CHOICE, "options": options, "points": "3"}
    only_words = {**worth_more, "prompt": "Which slope?"}
    for body, version in ((worth_more, 2), (only_words, 2)):
        changed = data_of(await teacher.patch(url, json=body, headers=ANY_VERSION))
        assert changed["key_version"] == version
    versions = items_of(await teacher.get(f"{url}/key-versions"))
    assert [(key["version"], key["correct_option"], key["points"]) for key in versions] == [
        (1, "b", "2.00"),
        (2, "a", "3.00"),
    ]
    assert {key["changed_by"] for key in versions} == {str(school.teacher.id)}
    page = data_of(await teacher.get(f"{url}/key-versions", params={"limit": 1}))
    rest = await teacher.get(f"{url}/key-versions", params={"cursor": page["next_cursor"]})
    assert [key["version"] for key in items_of(rest)] == [2]


async def test_what_goes_leaves_no_gap(api: Api, school: SchoolBench) -> None:
    draft = await draft_with(api, school, 3)
    url, teacher = f"{ASSIGNMENTS}/{draft['id']}", api.signed_in(school.teacher)
    question = f"{url}/questions/{draft['questions'][1]['id']}"
    data_of(await teacher.delete(question, headers=ANY_VERSION))
    assert prompts(data_of(await teacher.get(url))) == [(1, "Question 1"), (2, "Question 3")]
    refusal_of(await teacher.delete(question, headers=ANY_VERSION), 404, "not_found")
    added = data_of(await teacher.post(f"{url}/questions", json=ESSAY), 201)
    assert added["position"] == 3


async def test_questions_take_the_order_they_are_given(
    api: Api, school: SchoolBench, statements: StatementCounter
) -> None:
    teacher, costs = api.signed_in(school.teacher), set()
    for count in (2, 5):
        draft = await draft_with(api, school, count)
        ids = [question["id"] for question in draft["questions"]]
        url = f"{ASSIGNMENTS}/{draft['id']}/questions/order"
        with statements.counting() as seen:
            body = {"question_ids": ids[::-1]}
            shown = data_of(await teacher.put(url, json=body, headers=ANY_VERSION))
        costs.add(len(seen))
        assert [question["id"] for question in shown["questions"]] == ids[::-1]
        assert [question["position"] for question in shown["questions"]] == list(range(1, count + 1))
    assert len(costs) == 1, costs


@pytest.mark.parametrize("wrong", ["one missing", "one twice", "one too many", "a stranger"])
async def test_an_order_names_every_question_once(api: Api, school: SchoolBench, wrong: str) -> None:
    draft = await draft_with(api, school, 3)
    one, two, three = (question["id"] for question in draft["questions"])
    orders = {
        "one missing": [one, two],
        "one twice": [one, two, two],
        "one too many": [one, two, three, three],
        "a stranger": [one, two, str(new_id())],
    }
    url, teacher = f"{ASSIGNMENTS}/{draft['id']}", api.signed_in(school.teacher)
    body = {"question_ids": orders[wrong]}
    refused = await teacher.put(f"{url}/questions/order", json=body, headers=ANY_VERSION)
    refusal_of(refused, 422, "not_a_permutation")
    assert data_of(await teacher.get(url)) == draft


async def test_an_empty_order_is_malformed(api: Api, school: SchoolBench) -> None:
    url = f"{ASSIGNMENTS}/{school.draft.id}/questions/order"
    refused = await api.signed_in(school.teacher).put(url, json={"question_ids": []}, headers=ANY_VERSION)
    assert fields_of(refused) == ["question_ids"]


async def test_questions_that_students_see_or_saw_stay_as_they_are(api: Api, school: SchoolBench) -> None:
    url, teacher = f"{ASSIGNMENTS}/{school.assignment.id}", api.signed_in(school.teacher)
    question = f"{url}/questions/{school.choice_question.id}"
    body = {"question_ids": [str(school.choice_question.id)]}
    for _ in ("published", "archived"):
        for refused in (
            await teacher.patch(question, json=CHOICE, headers=ANY_VERSION),
            await teacher.delete(question, headers=ANY_VERSION),
            await teacher.put(f"{url}/questions/order", json=body, headers=ANY_VERSION),
            await teacher.post(f"{url}/questions", json=ESSAY),
        ):
            refusal_of(refused, 409, "assignment_published")
        data_of(await teacher.post(f"{url}/archive"))


async def test_a_question_of_another_assignment_is_not_found(api: Api, school: SchoolBench) -> None:
    url = f"{ASSIGNMENTS}/{school.draft.id}/questions/{school.choice_question.id}"
    teacher = api.signed_in(school.teacher)
    refusal_of(await teacher.patch(url, json=CHOICE, headers=ANY_VERSION), 404)
    refusal_of(await teacher.delete(url, headers=ANY_VERSION), 404)
    refusal_of(await teacher.post(f"{url}/accept"), 404)
    refusal_of(await teacher.get(f"{url}/key-versions"), 404)
