"""Questions: exactly four options, exactly one right, tagged with the district's own concepts."""

from typing import Any

import pytest

from core.ids import new_id
from tests.api.assignments.test_assignments import ASSIGNMENTS, new_draft
from tests.api.envelopes import data_of, fields_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api

OPTIONS = [{"text": "1"}, {"text": "2", "is_correct": True}, {"text": "x"}, {"text": "0"}]
CHOICE: dict[str, Any] = {
    "kind": "multiple_choice",
    "prompt": "What is the slope of y = 2x?",
    "points": "2",
    "options": OPTIONS,
}
ESSAY: dict[str, Any] = {"kind": "free_response", "prompt": "Explain slope.", "points": "2.5"}


async def add(api: Api, school: SchoolBench, body: dict[str, Any]) -> Any:
    draft = await new_draft(api, school)
    url = f"{ASSIGNMENTS}/{draft['id']}/questions"
    return await api.signed_in(school.teacher).post(url, json=body)


async def test_a_choice_gets_its_letters_and_its_key(api: Api, bench: DistrictBench) -> None:
    concepts = [str(bench.concept.id), str(bench.prerequisite.id)]
    body = {**CHOICE, "concept_ids": [*concepts, concepts[0]], "difficulty": "hard"}
    made = data_of(await add(api, bench.schools[0], body), 201)
    assert [option["id"] for option in made["options"]] == ["a", "b", "c", "d"]
    assert (made["correct_option"], made["position"], made["points"]) == ("b", 1, "2.00")
    assert (made["concept_ids"], made["difficulty"]) == (sorted(concepts), "hard")


async def test_an_essay_keeps_its_rubric_for_the_teacher(api: Api, school: SchoolBench) -> None:
    levels = [{"label": "In part", "points": "0.5", "description": None}]
    rubric = [{"criterion": "Names rise over run", "points": "1.5", "levels": levels}]
    made = data_of(await add(api, school, {**ESSAY, "rubric": rubric, "model_answer": "Rise over run."}), 201)
    assert (made["rubric"], made["model_answer"], made["options"]) == (rubric, "Rise over run.", None)
    assert made["points"] == "2.50"


def options(*marks: bool) -> list[dict[str, Any]]:
    return [{"text": str(number), "is_correct": mark} for number, mark in enumerate(marks)]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "three options": ({"options": OPTIONS[:3]}, "options"),
    "five options": ({"options": [*OPTIONS, {"text": "9"}]}, "options"),
    "no options": ({"options": []}, "options"),
    "none right": ({"options": options(False, False, False, False)}, ""),
    "two right": ({"options": options(True, True, False, False)}, ""),
    "the same option twice": ({"options": [*OPTIONS[:3], {"text": " X "}]}, ""),
    "an empty option": ({"options": [*OPTIONS[:3], {"text": " "}]}, "options"),
    "no prompt": ({"prompt": ""}, "prompt"),
    "no points": ({"points": "0"}, "points"),
    "points below zero": ({"points": "-1"}, "points"),
    "too many points": ({"points": "1000.01"}, "points"),
    "too exact": ({"points": "0.00001"}, "points"),
    "points that are no number": ({"points": "NaN"}, "points"),
    "no such difficulty": ({"difficulty": "brutal"}, "difficulty"),
    "too many concepts": ({"concept_ids": [str(new_id()) for _ in range(11)]}, "concept_ids"),
    "a rubric for a choice": ({"rubric": []}, "rubric"),
    "a key of its own": ({"correct_option": "a"}, "correct_option"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_with_a_question_is_named(api: Api, school: SchoolBench, name: str) -> None:
    change, field = WRONG[name]
    fields = fields_of(await add(api, school, {**CHOICE, **change}))
    assert all(field in str(named) for named in fields), fields


async def test_a_kind_there_is_none_of_is_refused(api: Api, school: SchoolBench) -> None:
    refusal_of(await add(api, school, {**ESSAY, "kind": "matching"}), 422)
    refusal_of(await add(api, school, {"prompt": "Why?", "points": "1"}), 422)


async def test_a_concept_of_another_district_is_as_unknown_as_none(
    api: Api, school: SchoolBench, shared_world: Any
) -> None:
    foreign_id = str(shared_world.districts[0].concept.id)
    foreign = await add(api, school, {**CHOICE, "concept_ids": [foreign_id]})
    unknown = await add(api, school, {**CHOICE, "concept_ids": [str(new_id())]})
    assert refusal_of(foreign, 404, "not_found")["field"] == "concept_ids"
    assert foreign.content == unknown.content


async def test_questions_are_counted_in_the_order_they_came(api: Api, school: SchoolBench) -> None:
    url = f"{ASSIGNMENTS}/{(await new_draft(api, school))['id']}"
    teacher = api.signed_in(school.teacher)
    for body in (ESSAY, CHOICE, ESSAY):
        data_of(await teacher.post(f"{url}/questions", json=body), 201)
    shown = data_of(await teacher.get(url))["questions"]
    assert [(question["position"], question["kind"]) for question in shown] == [
        (1, "free_response"),
        (2, "multiple_choice"),
        (3, "free_response"),
    ]


async def test_questions_students_can_see_no_longer_change(api: Api, school: SchoolBench) -> None:
    url = f"{ASSIGNMENTS}/{school.assignment.id}/questions"
    refusal_of(await api.signed_in(school.teacher).post(url, json=ESSAY), 409, "assignment_published")


async def test_a_student_sees_the_question_and_nothing_that_answers_it(api: Api, school: SchoolBench) -> None:
    shown = data_of(await api.signed_in(school.student).get(f"{ASSIGNMENTS}/{school.assignment.id}"))
    choice, essay = shown["questions"]
    assert set(choice) == set(essay) == {"id", "position", "kind", "prompt", "points", "options"}
    assert [set(option) for option in choice["options"]] == [{"id", "text"}] * 4
