"""An assignment kept as it was, used again by its teacher, or by the school where it is shared."""

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import User
from tests.api.assignments.drafts import draft_with, unreviewed_draft
from tests.api.assignments.test_assignments import ANY_VERSION, ASSIGNMENTS
from tests.api.assignments.test_questions import CHOICE, ESSAY
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, fields_of, items_of, refusal_of
from tests.factories.assignment import make_template
from tests.factories.concept import make_concept
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

TEMPLATES = f"{ASSIGNMENTS}/templates"
SETTINGS = {
    "category": "Quiz",
    "time_limit_minutes": 30,
    "points": "20",
    "shuffle_questions": True,
    "max_attempts": 3,
    "feedback_release": "after_submit",
}


async def keep(api: Api, school: SchoolBench, assignment_id: str, **fields: Any) -> dict[str, Any]:
    body = {"assignment_id": assignment_id, **fields}
    made = await api.signed_in(school.teacher).post(TEMPLATES, json=body)
    template: dict[str, Any] = data_of(made, 201)
    return template


async def use(api: Api, user: User, template_id: str, class_id: object, **fields: Any) -> Any:
    body = {"class_id": str(class_id), **fields}
    return await api.signed_in(user).post(f"{TEMPLATES}/{template_id}/use", json=body)


def contents(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    left_out = {"id", "key_version", "provenance", "reviewed_at"}
    return [
        {name: value for name, value in question.items() if name not in left_out} for question in questions
    ]


async def test_what_is_kept_comes_back_whole(api: Api, bench: DistrictBench) -> None:
    school = bench.schools[0]
    teacher = api.signed_in(school.teacher)
    draft = await draft_with(api, school, 1, due_at="2027-01-01T00:00:00Z", **SETTINGS)
    rubric = [{"criterion": "Slope", "points": "2.5", "levels": [{"label": "Partly", "points": "1"}]}]
    essay = {**ESSAY, "rubric": rubric, "concept_ids": [str(bench.concept.id)], "partial_credit": False}
    data_of(await teacher.post(f"{ASSIGNMENTS}/{draft['id']}/questions", json=essay), 201)
    source = data_of(await teacher.get(f"{ASSIGNMENTS}/{draft['id']}"))
    template = await keep(api, school, draft["id"])
    assert (template["title"], template["question_count"], template["is_own"]) == ("Lines", 2, True)
    changed = await use(api, school.teacher, template["id"], school.school_class.id, title="Again")
    made = data_of(changed, 201)
    assert changed.headers["etag"] == f'"{made["version"]}"'
    assert (made["title"], made["status"], made["due_at"]) == ("Again", "draft", None)
    assert {name: made[name] for name in SETTINGS} == {name: source[name] for name in SETTINGS}
    assert contents(made["questions"]) == contents(source["questions"])
    assert {question["provenance"]["template_id"] for question in made["questions"]} == {template["id"]}


async def test_a_template_does_not_follow_its_assignment(api: Api, school: SchoolBench) -> None:
    draft = await draft_with(api, school, 1)
    template = await keep(api, school, draft["id"], title="Kept")
    url = f"{ASSIGNMENTS}/{draft['id']}/questions/{draft['questions'][0]['id']}"
    teacher = api.signed_in(school.teacher)
    data_of(await teacher.patch(url, json={**CHOICE, "prompt": "Other"}, headers=ANY_VERSION))
    (question,) = data_of(await teacher.get(f"{TEMPLATES}/{template['id']}"))["questions"]
    assert question["prompt"] == "Question 1"
    assert [option["is_correct"] for option in question["options"]] == [False, True, False, False]


async def test_only_what_somebody_stands_behind_is_kept(api: Api, school: SchoolBench, rows: Session) -> None:
    draft, questions = unreviewed_draft(rows, school)
    teacher = api.signed_in(school.teacher)
    refused = await teacher.post(TEMPLATES, json={"assignment_id": str(draft.id)})
    refusal_of(refused, 409, "unreviewed_questions")
    data_of(await teacher.post(f"{ASSIGNMENTS}/{draft.id}/questions/accept-all"))
    template = await keep(api, school, str(draft.id))
    made = data_of(await use(api, school.teacher, template["id"], school.school_class.id), 201)
    assert len(made["questions"]) == len(questions)
    assert {question["provenance"]["before"]["origin"] for question in made["questions"]} == {"ai"}


async def test_a_shared_one_is_used_by_the_school_and_changed_by_its_owner(
    api: Api, bench: DistrictBench
) -> None:
    school = bench.schools[0]
    draft = await draft_with(api, school, 1)
    template = await keep(api, school, draft["id"])
    url, colleague = f"{TEMPLATES}/{template['id']}", api.signed_in(school.other_teacher)
    refusal_of(await colleague.get(url), 404)
    shared = data_of(await api.signed_in(school.teacher).patch(url, json={"is_shared": True}))
    assert shared == {**template, "is_shared": True}
    assert [item["is_own"] for item in items_of(await colleague.get(TEMPLATES))] == [False]
    data_of(await use(api, school.other_teacher, template["id"], school.other_class.id), 201)
    refusal_of(await use(api, school.other_teacher, template["id"], school.school_class.id), 404)
    refusal_of(await colleague.patch(url, json={"title": "Mine"}), 404)
    refusal_of(await colleague.delete(url), 404)
    next_door = bench.schools[1]
    refusal_of(await api.signed_in(next_door.teacher).get(url), 404)
    refusal_of(await use(api, next_door.teacher, template["id"], next_door.school_class.id), 404)


async def test_what_was_made_of_a_template_outlives_it(api: Api, school: SchoolBench, rows: Session) -> None:
    draft = await draft_with(api, school, 1)
    template = await keep(api, school, draft["id"])
    made = data_of(await use(api, school.teacher, template["id"], school.school_class.id), 201)
    teacher = api.signed_in(school.teacher)
    data_of(await teacher.delete(f"{TEMPLATES}/{template['id']}"))
    refusal_of(await teacher.get(f"{TEMPLATES}/{template['id']}"), 404)
    assert template["id"] not in (await teacher.get(TEMPLATES)).text
    assert len(data_of(await teacher.get(f"{ASSIGNMENTS}/{made['id']}"))["questions"]) == 1
    trail = text("SELECT action FROM app.audit_events WHERE object_id = :id ORDER BY occurred_at, id")
    assert rows.execute(trail, {"id": template["id"]}).scalars().all() == ["created", "deleted"]


async def test_a_concept_that_is_gone_stays_away(api: Api, bench: DistrictBench, rows: Session) -> None:
    school = bench.schools[0]
    gone = make_concept(rows, bench.district)
    draft = await draft_with(api, school, 0)
    question = {**CHOICE, "concept_ids": [str(gone.id), str(bench.concept.id)]}
    url = f"{ASSIGNMENTS}/{draft['id']}/questions"
    data_of(await api.signed_in(school.teacher).post(url, json=question), 201)
    template = await keep(api, school, draft["id"])
    data_of(await api.signed_in(bench.admin).delete(f"/api/v1/concepts/{gone.id}"))
    made = data_of(await use(api, school.teacher, template["id"], school.school_class.id), 201)
    assert made["questions"][0]["concept_ids"] == [str(bench.concept.id)]


async def test_dates_that_contradict_each_other_are_refused(api: Api, school: SchoolBench) -> None:
    times = {"due_at": "2027-01-02T00:00:00Z", "available_until": "2027-01-01T00:00:00Z"}
    refused = await use(api, school.teacher, str(school.template.id), school.school_class.id, **times)
    assert refusal_of(refused, 422)["field"] == "available_until"


async def test_what_a_template_must_have_cannot_be_taken_away(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    for field in ("title", "is_shared"):
        url = f"{TEMPLATES}/{school.template.id}"
        assert fields_of(await teacher.patch(url, json={field: None})) == [field]
    refusal_of(await teacher.post(TEMPLATES, json={"assignment_id": str(new_id())}), 404)


async def test_a_list_counts_questions_without_asking_for_each(
    api: Api, school: SchoolBench, rows: Session, statements: StatementCounter
) -> None:
    costs, teacher = [], api.signed_in(school.teacher)
    for count in (1, 6):
        with statements.counting() as seen:
            listed = items_of(await teacher.get(TEMPLATES))
        costs.append(len(seen))
        assert len(listed) == count
        for _ in range(5):
            make_template(rows, school.teacher)
    assert costs[0] == costs[1] == 2
    assert "content" not in json.dumps(listed)
