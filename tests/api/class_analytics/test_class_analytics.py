"""A class in detail, over marts written by hand: every number on the page is one of theirs."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI

from core.tenancy import TenantId
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of
from tests.factories.marts import serve
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api


@pytest.fixture
def served(app: FastAPI, bench: DistrictBench) -> SchoolBench:
    """The class of the first school, of whose two students one has worked."""
    school = bench.schools[0]
    place = {"school_id": str(school.school.id), "class_id": str(school.school_class.id)}
    person = {**place, "student_id": str(school.student.id)}
    work = {"assignment_id": str(school.assignment.id)}
    question = {"question_id": str(school.choice_question.id), "concept_ids": [str(bench.concept.id)]}
    rows: dict[str, list[dict[str, Any]]] = {
        "student_progress": [
            {**person, "assigned_count": 4, "done_count": 3, "completion_percent": 75.0, "share_right": 0.5}
            | {"all_current_percent": Decimal("80.5"), "active_ms": 60_000, "concept_count": 2}
        ],
        "learning_velocity": [
            {
                "school_id": place["school_id"],
                "student_id": person["student_id"],
                "answer_count": 50,
                "slope": 0.1,
                "direction": "rising",
            }
        ],
        "class_performance": [
            {**place, "student_count": 2, "graded_count": 1, "average_percent": 50.0, "median_percent": 50.0}
            | {"distribution": [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]}
        ],
        "class_velocity": [{**place, "student_count": 1, "median_slope": 0.1, "rising_count": 1}],
        "gradebook": [{**person, **work, "status": "graded", "percent": Decimal("104.5")}],
        "question_statistics": [
            {**place, **work, **question, "answer_count": 9, "student_count": 9, "share_right": 0.4}
            | {"discrimination": -0.2, "option_ids": ["a", "b"], "option_counts": [5, 4]}
        ],
        "answers": [
            {**person, **work, **question, "answer_id": str(school.choice_answer.id), "selected_option": "b"}
            | {"submission_id": str(school.submission.id), "is_first_graded": True, "outcome": 1.0}
            | {"score": Decimal(2), "possible": Decimal(2), "is_correct": True, "attempt_number": 1}
        ],
        "time_on_task": [{**person, **work, "attempt_count": 2, "active_ms": 90_000}],
        "class_activity": [
            {**place, "day": date(2026, 11, day), "active_count": day, "answer_count": 1}
            for day in (2, 9, 20)
        ],
        "concept_mastery": [
            {"school_id": place["school_id"], "student_id": person["student_id"], "band": "secure"}
            | {"concept_id": str(bench.concept.id), "mastery_percent": 91.0}
        ],
        "assignment_completion": [{**place, **work, "assigned_count": 2, "graded_count": 1}],
    }
    serve(app.state.warehouse.district(TenantId.from_command_line(bench.district.district_id)), rows)
    return school


def _url(school: SchoolBench, name: str) -> str:
    return f"/api/v1/analytics/classes/{school.school_class.id}/{name}"


async def _read(api: Api, school: SchoolBench, name: str) -> Any:
    return data_of(await api.signed_in(school.teacher).get(_url(school, name)))


async def test_performance_shows_every_student_also_one_without_work(api: Api, served: SchoolBench) -> None:
    shown = await _read(api, served, "performance")
    students = {item["student_id"]: item for item in shown["items"]}
    assert set(students) == {str(served.student.id), str(served.classmate.id)}
    worked = students[str(served.student.id)]
    assert (worked["completion_percent"], worked["all_current_percent"]) == ("75.00", "80.50")
    assert (worked["direction"], worked["share_right"]) == ("rising", 0.5)
    assert students[str(served.classmate.id)]["completion_percent"] is None
    assert (shown["summary"]["median_slope"], shown["summary"]["graded_count"]) == (0.1, 1)
    assert (shown["as_of"], shown["complete_through"]) == ("2026-11-20T08:00:00Z",) * 2


async def test_the_distribution_is_of_the_class_or_of_one_assignment(api: Api, served: SchoolBench) -> None:
    whole = await _read(api, served, "distribution")
    assert [step["student_count"] for step in whole["steps"]] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    one = await _read(api, served, f"distribution?assignment_id={served.assignment.id}")
    assert [step["student_count"] for step in one["steps"]] == [0] * 9 + [1]
    assert one["steps"][-1]["label"] == "90+"


async def test_a_question_comes_with_its_numbers_options_and_hints(api: Api, served: SchoolBench) -> None:
    (item,) = (await _read(api, served, "questions"))["items"]
    assert (item["text"], item["share_right"]) == (served.choice_question.prompt, 0.4)
    assert {option["option_id"]: option["count"] for option in item["options"]}["a"] == 5
    assert [option["option_id"] for option in item["options"] if option["is_key"]] == [
        served.choice_question.correct_option
    ]
    assert "check_the_key" in item["hints"]


async def test_a_question_shows_who_answered_what(api: Api, served: SchoolBench) -> None:
    shown = await _read(api, served, f"questions/{served.choice_question.id}")
    (answer,) = shown["items"]
    assert (answer["student_name"], answer["selected_option"], answer["score"]) == (
        served.student.name,
        "b",
        "2.00",
    )
    unanswered = await _read(api, served, f"questions/{served.free_question.id}")
    assert (unanswered["items"], unanswered["question"]["answer_count"]) == ([], 0)


async def test_a_question_of_another_class_is_not_found(
    api: Api, served: SchoolBench, bench: DistrictBench
) -> None:
    elsewhere = bench.schools[1].choice_question.id
    response = await api.signed_in(served.teacher).get(_url(served, f"questions/{elsewhere}"))
    assert response.status_code == 404


async def test_time_is_per_assignment_and_per_student(api: Api, served: SchoolBench) -> None:
    (line,) = (await _read(api, served, "time"))["items"]
    assert (line["assignment_title"], line["median_ms"]) == (served.assignment.title, 90_000.0)
    (student,) = (await _read(api, served, f"time/{served.assignment.id}"))["items"]
    assert (student["student_name"], student["active_ms"]) == (served.student.name, 90_000)


async def test_activity_is_of_the_days_asked_for(api: Api, served: SchoolBench) -> None:
    shown = await _read(api, served, "activity?since=2026-11-02&until=2026-11-09")
    assert [day["day"] for day in shown["items"]] == ["2026-11-02", "2026-11-09"]


@pytest.mark.parametrize(
    "query",
    ["since=2026-11-09&until=2026-11-02", "since=2024-01-01&until=2026-01-01"],
    ids=["turned", "long"],
)
async def test_a_range_that_cannot_be_is_refused(api: Api, served: SchoolBench, query: str) -> None:
    response = await api.signed_in(served.teacher).get(_url(served, f"activity?{query}"))
    assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "bad_date_range")


async def test_concepts_count_students_by_band(api: Api, served: SchoolBench, bench: DistrictBench) -> None:
    (item,) = (await _read(api, served, "concepts"))["items"]
    assert (item["concept_name"], item["secure_count"], item["student_count"]) == (bench.concept.name, 1, 1)
    assert item["median_percent"] == "91.00"


async def test_completion_is_per_assignment(api: Api, served: SchoolBench) -> None:
    url = f"/api/v1/progress/classes/{served.school_class.id}/completion"
    (line,) = data_of(await api.signed_in(served.teacher).get(url))["items"]
    assert (line["assignment_title"], line["assigned_count"], line["graded_count"]) == (
        served.assignment.title,
        2,
        1,
    )


@pytest.mark.parametrize("name", ["distribution", "questions", "time", "activity", "concepts"])
async def test_a_chart_draws_fields_its_own_data_have(api: Api, served: SchoolBench, name: str) -> None:
    shown = await _read(api, served, f"{name}?chart=vega-lite&until=2026-11-20")
    chart = shown["chart"]
    assert chart["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    rows = chart["data"]["values"]
    assert rows
    channels = [chart["encoding"]["x"], chart["encoding"]["y"], *chart["encoding"]["tooltip"]]
    assert {channel["field"] for channel in channels} <= set(rows[0])
    plain = await _read(api, served, f"{name}?until=2026-11-20")
    assert plain["chart"] is None


async def test_a_page_is_cut_and_the_cursor_goes_on(api: Api, served: SchoolBench) -> None:
    first = await _read(api, served, "performance?limit=1")
    second = await _read(api, served, f"performance?limit=1&cursor={first['next_cursor']}")
    assert second["next_cursor"] is None
    seen = {page["items"][0]["student_id"] for page in (first, second)}
    assert seen == {str(served.student.id), str(served.classmate.id)}


async def test_every_page_takes_a_constant_number_of_statements(
    api: Api, served: SchoolBench, statements: StatementCounter
) -> None:
    """However many rows: the session's own, the class, the names, and the trail of disclosures."""
    for name in ("performance", "questions", "time", "concepts", "distribution", "activity"):
        with statements.counting() as seen:
            await _read(api, served, name)
        assert len(seen) <= 8, name
