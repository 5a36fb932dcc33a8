"""A student's progress: what staff see at once, the student sees once the work behind it is released."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from core.tenancy import TenantId
from tests.api.envelopes import data_of, refusal_of
from tests.factories.marts import serve
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.schema import MigratedDatabase
from tests.fixtures.web import Api


@pytest.fixture
def served(app: FastAPI, bench: DistrictBench) -> SchoolBench:
    """A student with one attempt, one concept behind it and one concept to learn next."""
    school = bench.schools[0]
    place = {"school_id": str(school.school.id), "class_id": str(school.school_class.id)}
    person = {**place, "student_id": str(school.student.id)}
    work = {"assignment_id": str(school.assignment.id), "submission_id": str(school.submission.id)}
    concept = {"concept_id": str(bench.concept.id), "band": "struggling", "mastery_percent": 41.0}
    rows: dict[str, list[dict[str, Any]]] = {
        "student_progress": [
            {**person, "assigned_count": 4, "done_count": 3, "completion_percent": 75.0, "share_right": 0.5}
            | {"current_percent": Decimal(50), "all_current_percent": Decimal(80), "struggling_count": 1}
        ],
        "class_performance": [{**place, "average_percent": 61.0, "distribution": [0] * 10}],
        "learning_velocity": [
            {"school_id": place["school_id"], "student_id": person["student_id"], "answer_count": 50}
            | {"direction": "rising", "slope": 0.1, "secured_counts": [0, 1, 0, 2], "secured_per_week": 0.75}
        ],
        "question_statistics": [
            {**place, "assignment_id": work["assignment_id"], "question_id": str(school.choice_question.id)}
            | {"concept_ids": [concept["concept_id"]], "share_right": 0.5}
        ],
        "answers": [
            {**person, **work, "answer_id": str(school.choice_answer.id), "is_first_graded": True}
            | {"concept_ids": [concept["concept_id"]], "question_id": str(school.choice_question.id)}
        ],
        "concept_mastery": [
            {
                "school_id": place["school_id"],
                "student_id": person["student_id"],
                "evidence_count": 9,
                **concept,
            }
        ],
        "learning_paths": [
            {**person, **concept, "rank": 1, "reason": "Not secure yet.", "p_next_right": 0.6}
            | {"question_ids": [str(school.bank_question.id)]}
        ],
        "attempts": [
            {**person, **work, "attempt_number": 1, "status": "graded", "score": Decimal(2)}
            | {"possible": Decimal(4)}
        ],
    }
    serve(app.state.warehouse.district(TenantId.from_command_line(bench.district.district_id)), rows)
    return school


@pytest.fixture
def unposted(served: SchoolBench, migrated: MigratedDatabase) -> SchoolBench:
    _write(migrated, "UPDATE app.grades SET status = 'graded', is_posted = false WHERE id = %s", served)
    return served


@pytest.fixture
def posted(served: SchoolBench, migrated: MigratedDatabase) -> SchoolBench:
    _write(migrated, "UPDATE app.grades SET status = 'graded', is_posted = true WHERE id = %s", served)
    return served


def _write(migrated: MigratedDatabase, statement: str, school: SchoolBench) -> None:
    with psycopg.connect(migrated.dsn, autocommit=True) as connection:
        connection.execute(statement, [school.grade.id])


async def _read(api: Api, school: SchoolBench, name: str, *, as_staff: bool = False) -> Any:
    reader = school.teacher if as_staff else school.student
    return data_of(await api.signed_in(reader).get(f"/api/v1/progress/students/{school.student.id}{name}"))


async def test_a_student_sees_completion_grade_and_trend_of_released_work(
    api: Api, posted: SchoolBench
) -> None:
    shown = await _read(api, posted, "")
    (line,) = shown["classes"]
    assert (line["completion_percent"], line["current_percent"]) == ("75.00", "50.00")
    assert (line["class_name"], line["struggling_count"]) == (posted.school_class.name, 1)
    assert (shown["trend"]["direction"], shown["trend"]["secured_counts"]) == ("rising", [0, 1, 0, 2])
    assert shown["as_of"] == "2026-11-20T08:00:00Z"


async def test_what_is_for_staff_is_not_the_students(api: Api, posted: SchoolBench) -> None:
    (own,) = (await _read(api, posted, ""))["classes"]
    assert (own["all_current_percent"], own["share_right"], own["class_average_percent"]) == (None,) * 3
    (seen,) = (await _read(api, posted, "", as_staff=True))["classes"]
    assert (seen["all_current_percent"], seen["share_right"], seen["class_average_percent"]) == (
        "80.00",
        0.5,
        "61.00",
    )


async def test_nothing_of_unposted_work_reaches_its_student(api: Api, unposted: SchoolBench) -> None:
    progress = await _read(api, unposted, "")
    assert progress["trend"] is None
    assert progress["classes"][0]["struggling_count"] is None
    (concept,) = (await _read(api, unposted, "/concepts"))["items"]
    assert concept["is_updating"]
    assert (concept["mastery_percent"], concept["band"], concept["evidence_count"]) == (None,) * 3
    (step,) = (await _read(api, unposted, "/path"))["items"]
    assert (step["band"], step["mastery_percent"], step["p_next_right"], step["reason"]) == (None,) * 4
    (attempt,) = (await _read(api, unposted, "/attempts"))["items"]
    assert (attempt["score"], attempt["status"]) == (None, "graded")


async def test_once_it_is_posted_the_student_sees_it_all(api: Api, posted: SchoolBench) -> None:
    (concept,) = (await _read(api, posted, "/concepts"))["items"]
    assert (concept["is_updating"], concept["mastery_percent"], concept["band"]) == (
        False,
        "41.00",
        "struggling",
    )
    (step,) = (await _read(api, posted, "/path"))["items"]
    assert (step["rank"], step["reason"], step["question_ids"]) == (1, "Not secure yet.", [])
    (attempt,) = (await _read(api, posted, "/attempts"))["items"]
    assert (attempt["score"], attempt["assignment_title"]) == ("2.00", posted.assignment.title)


async def test_staff_see_all_of_it_at_once(api: Api, unposted: SchoolBench) -> None:
    (concept,) = (await _read(api, unposted, "/concepts", as_staff=True))["items"]
    assert (concept["is_updating"], concept["mastery_percent"]) == (False, "41.00")
    (step,) = (await _read(api, unposted, "/path", as_staff=True))["items"]
    assert step["question_ids"] == [str(unposted.bank_question.id)]
    (attempt,) = (await _read(api, unposted, "/attempts", as_staff=True))["items"]
    assert attempt["score"] == "2.00"


@pytest.mark.parametrize(
    "name", ["", "/concepts", "/path", "/attempts"], ids=["all", "concepts", "path", "attempts"]
)
async def test_a_classmate_is_not_found(api: Api, served: SchoolBench, name: str) -> None:
    url = f"/api/v1/progress/students/{served.student.id}{name}"
    refusal_of(await api.signed_in(served.classmate).get(url), 404)
    refusal_of(await api.signed_in(served.other_teacher).get(url), 404)


async def test_before_the_first_run_there_are_zeros_and_no_age(api: Api, school: SchoolBench) -> None:
    shown = await _read(api, school, "")
    assert (shown["as_of"], shown["trend"]) == (None, None)
    assert [line["assigned_count"] for line in shown["classes"]] == [0]
    assert (await _read(api, school, "/path"))["items"] == []


async def test_a_teacher_whom_a_student_asks_for_a_place_learns_nothing_yet(
    api: Api, served: SchoolBench, migrated: MigratedDatabase
) -> None:
    with psycopg.connect(migrated.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE app.class_enrollments SET status = 'pending' WHERE district_id = %s AND student_id = %s",
            [served.school.district_id, served.student.id],
        )
    client = api.signed_in(served.teacher)
    assert (await client.get(f"/api/v1/users/{served.student.id}")).status_code == 200
    for name in ("", "/concepts", "/path", "/attempts"):
        refusal_of(await client.get(f"/api/v1/progress/students/{served.student.id}{name}"), 404)
    url = f"/api/v1/analytics/students/{served.student.id}/performance"
    refusal_of(await client.get(url), 404)
