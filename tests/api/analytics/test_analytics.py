"""Dashboards: honest before the first run, then numbers of one district with their age."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from fastapi import FastAPI

from core.tenancy import TenantId
from tests.api.envelopes import data_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.web import Api
from warehouse.catalog import mart_named
from warehouse.manifest import publish
from warehouse.writer import write_mart

AS_OF = datetime(2026, 11, 20, 8, tzinfo=UTC)
COMPUTED_AT = datetime(2026, 11, 20, 8, 1, tzinfo=UTC)


def url_of(school: SchoolBench, name: str) -> str:
    return f"/api/v1/analytics/classes/{school.school_class.id}/{name}"


def rows_of(bench: DistrictBench, school: SchoolBench) -> dict[str, dict[str, Any]]:
    """One row of each mart that a dashboard reads, about `school.student`."""
    place = {"district_id": str(bench.district.district_id), "school_id": str(school.school.id)}
    person = {**place, "student_id": str(school.student.id), "concept_id": str(bench.concept.id)}
    return {
        "question_statistics": {
            **place,
            "class_id": str(school.school_class.id),
            "assignment_id": str(school.assignment.id),
            "question_id": str(school.choice_question.id),
            "question_kind": "multiple_choice",
            "concept_ids": [str(bench.concept.id)],
            "answer_count": 9,
            "student_count": 9,
            "share_right": 0.4,
            "discrimination": None,
            "median_time_ms": 900.0,
            "option_ids": ["a", "b"],
            "option_counts": [5, 4],
        },
        "concept_mastery": {
            **person,
            "mastery_percent": 41.665,
            "lower_percent": 30.0,
            "upper_percent": 55.5,
            "standard_error": 0.4,
            "evidence_count": 9,
            "question_count": 4,
            "evidence": -1.0,
            "information": 2.0,
            "ability": -0.5,
            "mean_easiness": 0.1,
            "band": "struggling",
            "below_threshold": True,
            "p_below_threshold": 0.93,
            "last_answered_at": AS_OF,
        },
        "struggling_flags": {
            **person,
            "rank": 1,
            "strength": "likely",
            "p_below_threshold": 0.93,
            "mastery_percent": 41.665,
            "reasons": ["Right in 4 of 9 answers."],
        },
        "class_performance": {
            **place,
            "class_id": str(school.school_class.id),
            "subject": school.school_class.subject,
            "school_year": school.school_class.school_year,
            "student_count": 2,
            "graded_count": 1,
            "average_percent": 50.0,
            "median_percent": 50.0,
            "completion_percent": 33.335,
            "distribution": [0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
            "is_small_cell": True,
        },
    }


@pytest.fixture
def published(app: FastAPI, bench: DistrictBench) -> DistrictBench:
    """A district whose marts are served."""
    folder = app.state.warehouse.district(TenantId.from_command_line(bench.district.district_id))
    entries = []
    for name, row in rows_of(bench, bench.schools[0]).items():
        mart = mart_named(name)
        frame = pl.DataFrame([row], schema=mart.schema)
        entries.append(write_mart(folder, mart, frame, version="run-1", as_of=AS_OF))
    publish(folder, entries, run_id="run-1", computed_at=COMPUTED_AT)
    return bench


async def test_before_the_first_run_dashboards_are_empty_and_say_so(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    mastery = data_of(await teacher.get(url_of(school, "mastery")))
    assert (mastery["as_of"], mastery["computed_at"]) == (None, None)
    assert {student["student_id"]: student["concepts"] for student in mastery["items"]} == {
        str(school.student.id): [],
        str(school.classmate.id): [],
    }
    assert data_of(await teacher.get(url_of(school, "struggling")))["items"] == []
    overview = data_of(await teacher.get(url_of(school, "overview")))
    assert (overview["average_percent"], overview["student_count"], overview["as_of"]) == (None, 0, None)


async def test_mastery_shows_names_and_percents_with_their_age(api: Api, published: DistrictBench) -> None:
    school = published.schools[0]
    for user in (school.teacher, school.admin, published.admin):
        shown = data_of(await api.signed_in(user).get(url_of(school, "mastery")))
        assert (shown["as_of"], shown["computed_at"]) == ("2026-11-20T08:00:00Z", "2026-11-20T08:01:00Z")
        names = {student["student_name"]: student["concepts"] for student in shown["items"]}
        assert set(names) == {school.student.name, school.classmate.name}
        (concept,) = names[school.student.name]
        assert (concept["concept_name"], concept["mastery_percent"]) == (published.concept.name, "41.67")
        assert (concept["lower_percent"], concept["upper_percent"]) == ("30.00", "55.50")
        assert (concept["struggling"], concept["below_threshold"], concept["band"]) == (
            True,
            True,
            "struggling",
        )


async def test_struggling_students_come_with_their_reasons(api: Api, published: DistrictBench) -> None:
    school = published.schools[0]
    shown = data_of(await api.signed_in(school.teacher).get(url_of(school, "struggling")))
    assert [student["student_name"] for student in shown["items"]] == [school.student.name]
    (concept,) = shown["items"][0]["concepts"]
    assert concept["reasons"] == ["Right in 4 of 9 answers."]
    assert (concept["mastery_percent"], concept["rank"], concept["strength"]) == ("41.67", 1, "likely")
    assert shown["next_cursor"] is None


async def test_the_overview_is_exact_and_warns_of_small_classes(api: Api, published: DistrictBench) -> None:
    school = published.schools[0]
    shown = data_of(await api.signed_in(school.teacher).get(url_of(school, "overview")))
    assert (shown["average_percent"], shown["completion_percent"]) == ("50.00", "33.34")
    assert (shown["is_small_cell"], sum(shown["distribution"])) == (True, 1)
    assert shown["as_of"] == "2026-11-20T08:00:00Z"


async def test_a_class_shows_concepts_it_has_practised_only(api: Api, published: DistrictBench) -> None:
    school = published.schools[0]
    other = school.other_class.id
    shown = data_of(
        await api.signed_in(school.other_teacher).get(f"/api/v1/analytics/classes/{other}/mastery")
    )
    assert [student["concepts"] for student in shown["items"]] == [[]]


async def test_nothing_of_it_is_reachable_from_another_district(
    api: Api, published: DistrictBench, shared_world: Any
) -> None:
    abroad = shared_world.districts[0]
    for name in ("mastery", "struggling", "overview"):
        foreign = await api.signed_in(abroad.admin).get(url_of(published.schools[0], name))
        assert foreign.status_code == 404
        own = await api.signed_in(abroad.admin).get(url_of(abroad.schools[0], name))
        assert data_of(own)["as_of"] is None
        assert published.schools[0].student.name not in own.text
