"""Two who change the same assignment: the second is told, nobody's change is lost."""

import asyncio

import pytest

from core.ids import new_id
from tests.api.assignments.drafts import draft_with
from tests.api.assignments.test_assignments import ASSIGNMENTS
from tests.api.assignments.test_questions import ESSAY
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

CHANGES = {
    "the assignment": ("PATCH", "", {"title": "Curves"}),
    "a question": ("PATCH", "/questions/{question}", ESSAY),
    "the order": ("PUT", "/questions/order", {"question_ids": ["{question}"]}),
    "a question away": ("DELETE", "/questions/{question}", None),
    "everything away": ("DELETE", "", None),
}


async def change(
    api: Api, school: SchoolBench, name: str, *, to: str, question: str, headers: dict[str, str]
) -> object:
    method, path, body = CHANGES[name]
    url = f"{ASSIGNMENTS}/{to}{path.format(question=question)}"
    content = {"question_ids": [question]} if name == "the order" else body
    arguments = {} if content is None else {"json": content}
    return await api.signed_in(school.teacher).request(method, url, headers=headers, **arguments)


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_says_which_version_it_is_meant_for(api: Api, school: SchoolBench, name: str) -> None:
    draft = await draft_with(api, school, 1)
    places = {"to": draft["id"], "question": draft["questions"][0]["id"]}
    silent = await change(api, school, name, **places, headers={})
    assert refusal_of(silent, 428, "precondition_required")["field"] == "If-Match"
    for stale in ('"1"', '"3"', 'W/"2"', "2", '"2'):
        late = await change(api, school, name, **places, headers={"If-Match": stale})
        refusal_of(late, 412, "stale_version")
    seen = {"If-Match": f'"1", "{draft["version"]}"'}
    data_of(await change(api, school, name, **places, headers=seen))


@pytest.mark.parametrize("name", CHANGES)
async def test_what_is_foreign_is_not_there_whatever_the_version(
    api: Api, school: SchoolBench, name: str
) -> None:
    for headers in ({}, {"If-Match": '"99"'}, {"If-Match": "*"}):
        refused = await change(api, school, name, to=str(new_id()), question=str(new_id()), headers=headers)
        refusal_of(refused, 404, "not_found")


async def test_every_answer_carries_the_version_it_shows(api: Api, school: SchoolBench) -> None:
    draft = await draft_with(api, school, 2)
    url, teacher = f"{ASSIGNMENTS}/{draft['id']}", api.signed_in(school.teacher)
    assert (await teacher.get(url)).headers["etag"] == '"3"'
    question = f"{url}/questions/{draft['questions'][0]['id']}"
    steps = [
        ("PATCH", url, {"title": "Curves"}),
        ("PATCH", question, ESSAY),
        ("POST", f"{url}/questions", ESSAY),
        ("DELETE", question, None),
        ("POST", f"{url}/publish", None),
        ("POST", f"{url}/unpublish", None),
        ("POST", f"{url}/archive", None),
    ]
    tag = '"3"'
    for version, (method, path, body) in enumerate(steps, start=4):
        answer = await teacher.request(method, path, json=body, headers={"If-Match": tag})
        assert answer.status_code < 300, answer.text
        tag = answer.headers["etag"]
        assert tag == f'"{version}"', path


async def test_of_two_changes_at_once_one_is_told_to_read_again(api: Api, school: SchoolBench) -> None:
    draft = await draft_with(api, school, 0)
    url, seen = f"{ASSIGNMENTS}/{draft['id']}", {"If-Match": '"1"'}
    teacher = api.signed_in(school.teacher)
    titles = [f"Title {number}" for number in range(5)]
    answers = await asyncio.gather(
        *(teacher.patch(url, json={"title": title}, headers=seen) for title in titles)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
    (winner,) = [title for title, answer in zip(titles, answers, strict=True) if answer.is_success]
    assert data_of(await teacher.get(url))["title"] == winner
