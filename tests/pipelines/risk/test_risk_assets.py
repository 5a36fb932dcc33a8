from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import psycopg
import pytest

from core.ids import new_id
from core.tenancy import TenantId
from pipelines.answers.assets import answers
from pipelines.gradebook.assets import class_grades, gradebook
from pipelines.items.assets import question_statistics
from pipelines.mastery.assets import concept_mastery
from pipelines.risk.assets import risk_flag_rows, students_at_risk
from pipelines.risk.checks import baseless_flags, contradictions
from tests.factories.world import DistrictBench, SchoolBench
from tests.pipelines.conftest import Caller, written
from warehouse.risk import STUDENTS_AT_RISK


@pytest.fixture
def computed(call: Caller) -> Caller:
    for asset in (answers, class_grades, gradebook, question_statistics, concept_mastery):
        call(asset)
    return call


def _set_work(admin: psycopg.Connection, school: SchoolBench, days_ago: int) -> None:
    """One more published assignment of the class that was due `days_ago` days ago; nobody handed it in."""
    admin.execute(
        "INSERT INTO app.assignments (district_id, school_id, id, class_id, title, status, published_at, due_at) "
        "VALUES (%s, %s, %s, %s, 'Set', 'published', now(), now() - make_interval(days => %s))",
        [school.school.district_id, school.school.id, new_id(), school.school_class.id, days_ago],
    )


def _assessed(call: Caller) -> dict[str, dict[str, Any]]:
    call(students_at_risk)
    return {row["student_id"]: row for row in written(call, STUDENTS_AT_RISK).to_dicts()}


def test_before_two_counted_assignments_nobody_is_judged(computed: Caller, bench: DistrictBench) -> None:
    found = _assessed(computed)
    places = ("student", "classmate", "other_student")
    assert set(found) == {str(getattr(one, name).id) for one in bench.schools for name in places}
    assert {row["level"] for row in found.values()} == {"not_enough_evidence"}
    assert {row["probability"] for row in found.values()} == {None}


def test_missing_work_is_judged_by_the_due_date_of_the_students_own(
    computed: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    for days_ago in (1, 2, 20):
        _set_work(admin, school, days_ago)
    admin.execute(
        "UPDATE app.accommodations SET due_shift_hours = 240 WHERE student_id = %s", [school.student.id]
    )
    found = _assessed(computed)
    own, classmate = (found[str(person.id)] for person in (school.student, school.classmate))
    assert (own["counted_assignments"], own["missing_assignments"]) == (1, 1)
    assert (classmate["counted_assignments"], classmate["missing_assignments"]) == (3, 3)
    assert classmate["is_last_counted_missing"]
    assert classmate["level"] == "urgent"
    assert classmate["reasons"] == [
        "The last counted assignment is missing.",
        "Two thirds or more of the counted work is missing (3 of 3).",
        "Nothing has been handed in yet.",
    ]


def test_the_teachers_override_is_the_grade(
    computed: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    student = str(school.student.id)
    assert _assessed(computed)[student]["grade_percent"] == Decimal(50)
    admin.execute(
        "UPDATE app.class_grades SET override_percent = 94, override_letter = 'A', overridden_at = now() "
        "WHERE id = %s",
        [school.class_grade.id],
    )
    computed(class_grades)
    assert _assessed(computed)[student]["grade_percent"] == Decimal(94)


def test_silence_ends_with_the_districts_latest_activity_and_not_with_the_clock(
    computed: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    latest = admin.execute(
        "SELECT max(answered_at) FROM app.student_answers WHERE district_id = %s",
        [bench.district.district_id],
    ).fetchone()
    assert latest is not None
    admin.execute(
        "UPDATE app.student_submissions SET submitted_at = %s WHERE id = %s",
        [latest[0] - timedelta(days=3), school.submission.id],
    )
    assert _assessed(computed)[str(school.student.id)]["days_since_hand_in"] == pytest.approx(3.0)


def _flags(admin: psycopg.Connection, bench: DistrictBench) -> list[tuple[Any, ...]]:
    return admin.execute(
        "SELECT student_id, level, status, cleared_at IS NULL FROM app.risk_flags WHERE district_id = %s "
        "ORDER BY raised_at, id",
        [bench.district.district_id],
    ).fetchall()


def test_flags_in_postgres_become_the_mart_s(
    computed: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    school = bench.schools[0]
    for days_ago in (10, 20):
        _set_work(admin, school, days_ago)
    for asset in (students_at_risk, risk_flag_rows):
        computed(asset)
    standing = {student for student, _, _, stands in _flags(admin, bench) if stands}
    assert standing == {school.student.id, school.classmate.id}
    cleared = {student for student, _, _, stands in _flags(admin, bench) if not stands}
    assert cleared == {bench.schools[1].student.id}


def _row(**changes: Any) -> pl.DataFrame:
    row = {
        "class_id": "c",
        "student_id": "s",
        "level": "urgent",
        "counted_assignments": 4,
        "missing_assignments": 4,
        "grade_percent": None,
        "class_percentile": None,
        "handed_in_average": None,
        "is_last_counted_missing": True,
        "has_late_work": False,
        "days_since_hand_in": None,
        "struggling_prerequisites": 0,
        "is_answering_too_fast": False,
        "probability": 0.9,
        "reasons": ["The last counted assignment is missing."],
    }
    schema = {
        name: column.dtype for name in row for column in STUDENTS_AT_RISK.columns if column.name == name
    }
    return pl.DataFrame([row | changes], schema=schema)


@pytest.mark.parametrize(
    "changes", [{"missing_assignments": 1}, {"probability": 0.69}, {"reasons": []}], ids=str
)
def test_a_flag_without_a_basis_is_found(changes: dict[str, Any]) -> None:
    assert baseless_flags(_row()).is_empty()
    assert baseless_flags(_row(**changes)).height == 1


def test_a_reason_the_signals_do_not_give_is_found(computed: Caller) -> None:
    computed(students_at_risk)
    rows = written(computed, STUDENTS_AT_RISK)
    assert contradictions(rows).is_empty()
    invented = rows.with_columns(reasons=pl.lit(["Looks tired."], pl.List(pl.String)))
    assert contradictions(invented).height == rows.height
    other = pl.when(pl.col("probability").is_null()).then(0.3)
    assert contradictions(rows.with_columns(probability=other)).height == rows.height


def test_a_district_without_data_has_no_students_at_risk(call: Caller) -> None:
    empty = replace(call, tenant=TenantId(new_id()))
    for asset in (answers, class_grades, gradebook, question_statistics, concept_mastery, students_at_risk):
        empty(asset)
    empty(risk_flag_rows)
    assert written(empty, STUDENTS_AT_RISK).is_empty()
