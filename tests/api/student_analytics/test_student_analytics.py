"""One student for their teacher: every number with what it rests on."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI

from core.tenancy import TenantId
from tests.api.envelopes import data_of, refusal_of
from tests.factories.marts import AS_OF, serve
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api


@pytest.fixture
def served(app: FastAPI, bench: DistrictBench) -> SchoolBench:
    school = bench.schools[0]
    place = {"school_id": str(school.school.id), "class_id": str(school.school_class.id)}
    person = {**place, "student_id": str(school.student.id)}
    work = {"assignment_id": str(school.assignment.id)}
    known = {"school_id": place["school_id"], "student_id": person["student_id"]}
    concept = {**known, "concept_id": str(bench.concept.id), "band": "struggling", "mastery_percent": 41.0}
    question = {"question_id": str(school.choice_question.id), "concept_ids": [str(bench.concept.id)]}
    rows: dict[str, list[dict[str, Any]]] = {
        "question_statistics": [{**place, **work, **question, "share_right": 0.7}],
        "answers": [
            {**person, **work, **question, "answer_id": str(school.choice_answer.id), "outcome": 0.0}
            | {"submission_id": str(school.submission.id), "is_first_graded": True, "is_counted": True}
            | {"score": Decimal(0), "possible": Decimal(2), "is_correct": False, "attempt_number": 1}
        ],
        "concept_mastery": [{**concept, "evidence_count": 1, "below_threshold": True}],
        "mastery_history": [{**concept, "day": date(2026, 11, day), "evidence_count": day} for day in (2, 9)],
        "time_on_task": [{**person, **work, "attempt_count": 1, "active_ms": 60_000, "norm_ms": 30_000.0}],
    }
    serve(app.state.warehouse.district(TenantId.from_command_line(bench.district.district_id)), rows)
    return school


async def _read(api: Api, school: SchoolBench, name: str) -> Any:
    url = f"/api/v1/analytics/students/{school.student.id}/{name}"
    return data_of(await api.signed_in(school.teacher).get(url))


async def test_mastery_lists_the_concepts_of_the_classes_in_common(
    api: Api, served: SchoolBench, bench: DistrictBench
) -> None:
    (item,) = (await _read(api, served, "mastery"))["items"]
    assert (item["concept_name"], item["mastery_percent"], item["struggling"]) == (
        bench.concept.name,
        "41.00",
        True,
    )


async def test_a_number_is_explained_by_the_answers_behind_it(
    api: Api, served: SchoolBench, bench: DistrictBench
) -> None:
    shown = await _read(api, served, f"mastery/{bench.concept.id}")
    name = served.student.name
    assert shown["explanation"] == f"On 1 recent question a typical student gets 0.7 right; {name} got 0."
    (answer,) = shown["evidence"]
    assert (answer["text"], answer["outcome"], answer["typical_outcome"]) == (
        served.choice_question.prompt,
        0.0,
        0.7,
    )
    assert [day["evidence_count"] for day in shown["history"]] == [2, 9]


async def test_of_a_concept_nobody_in_class_has_practised_only_the_name_is_told(
    api: Api, served: SchoolBench, bench: DistrictBench
) -> None:
    shown = await _read(api, served, f"mastery/{bench.prerequisite.id}")
    assert (shown["concept_name"], shown["mastery"], shown["explanation"]) == (
        bench.prerequisite.name,
        None,
        None,
    )
    assert (shown["evidence"], shown["history"]) == ([], [])


async def test_a_concept_that_does_not_exist_is_not_found(api: Api, served: SchoolBench) -> None:
    url = f"/api/v1/analytics/students/{served.student.id}/mastery/{served.assignment.id}"
    refusal_of(await api.signed_in(served.teacher).get(url), 404)


async def test_answers_come_newest_first_with_their_question(
    api: Api, served: SchoolBench, bench: DistrictBench
) -> None:
    (answer,) = (await _read(api, served, "questions"))["items"]
    assert (answer["text"], answer["is_correct"]) == (served.choice_question.prompt, False)
    assert (await _read(api, served, f"questions?concept_id={bench.prerequisite.id}"))["items"] == []


async def test_time_stands_beside_the_classes_norm(api: Api, served: SchoolBench) -> None:
    (line,) = (await _read(api, served, "time"))["items"]
    assert (line["assignment_title"], line["active_ms"], line["norm_ms"]) == (
        served.assignment.title,
        60_000,
        30_000.0,
    )


async def test_performance_is_that_of_the_progress_page(api: Api, served: SchoolBench) -> None:
    shown = await _read(api, served, "performance")
    assert [line["class_id"] for line in shown["classes"]] == [str(served.school_class.id)]
    assert shown["as_of"] == AS_OF.isoformat().replace("+00:00", "Z")


async def test_another_teacher_learns_nothing(api: Api, served: SchoolBench) -> None:
    for name in ("performance", "mastery", "questions", "time"):
        url = f"/api/v1/analytics/students/{served.student.id}/{name}"
        refusal_of(await api.signed_in(served.other_teacher).get(url), 404)
