from datetime import UTC, datetime

import polars as pl
import psycopg
import pytest

from core.domain.calibration import calibrate
from core.domain.mastery_batch import mastery_by_concept
from pipelines.answers.assets import answers
from pipelines.mastery.assets import concept_mastery, concept_mastery_rows
from pipelines.mastery.rows import Change, replace_mastery
from pipelines.resources import PostgresResource
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import RUN_ID, Caller
from warehouse.answers import ANSWERS
from warehouse.mart import Mart
from warehouse.mastery import CONCEPT_MASTERY
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def _staged(call: Caller, mart: Mart) -> pl.DataFrame:
    entry = staged_entry(call.folder, mart.name, RUN_ID)
    assert entry is not None
    return scan_mart(call.folder, mart, entry).collect()


def test_mastery_is_the_domains_own_number(call: Caller, bench: DistrictBench) -> None:
    call(answers)
    call(concept_mastery)
    mart = _staged(call, CONCEPT_MASTERY)
    facts = _staged(call, ANSWERS).filter("is_first_graded")
    questions = facts.select("question_id", "concept_ids", "difficulty").unique("question_id")
    expected = mastery_by_concept(
        facts, calibrate(facts, version="x", questions=questions), as_of=datetime.now(UTC)
    )
    assert mart.select(expected.columns).sort("student_id").equals(expected.sort("student_id"))
    assert set(mart["student_id"]) == {str(school.student.id) for school in bench.schools}


def test_each_student_keeps_their_own_school(call: Caller, bench: DistrictBench) -> None:
    call(answers)
    call(concept_mastery)
    found = dict(_staged(call, CONCEPT_MASTERY).select("student_id", "school_id").iter_rows())
    assert found == {str(school.student.id): str(school.school.id) for school in bench.schools}


def test_the_table_in_postgres_becomes_the_mart(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    for asset in (answers, concept_mastery, concept_mastery_rows):
        call(asset)
    mart = _staged(call, CONCEPT_MASTERY).select("student_id", "concept_id", "mastery_percent", "band")
    table = admin.execute(
        "SELECT student_id::text, concept_id::text, mastery_percent, band FROM app.concept_mastery "
        "WHERE district_id = %s ORDER BY 1, 2",
        [bench.district.district_id],
    ).fetchall()
    assert table == mart.rows()


def _mastery_of(bench: DistrictBench, percent: float, *schools: int) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "district_id": str(bench.district.district_id),
                "school_id": str(bench.schools[number].school.id),
                "student_id": str(bench.schools[number].student.id),
                "concept_id": str(bench.concept.id),
                "mastery_percent": percent,
                "lower_percent": 1.0,
                "upper_percent": 99.0,
                "evidence_count": 3,
                "band": "developing",
                "below_threshold": True,
            }
            for number in schools
        ]
    )


def test_writing_back_touches_only_what_changed_and_removes_what_vanished(
    call: Caller, postgres: PostgresResource, bench: DistrictBench
) -> None:
    def write(percent: float, *schools: int) -> Change:
        with postgres.transaction(call.tenant) as connection:
            return replace_mastery(connection, call.tenant, _mastery_of(bench, percent, *schools), as_of=NOW)

    assert write(70.0, 0, 1) == Change(written=2, removed=0)
    assert write(70.0, 0, 1) == Change(written=0, removed=0)
    assert write(71.0, 0, 1) == Change(written=2, removed=0)
    assert write(71.0, 0) == Change(written=0, removed=1)


def test_another_districts_mastery_can_neither_be_written_nor_removed(
    call: Caller, postgres: PostgresResource, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    foreign = _mastery_of(bench, 70.0, 0).with_columns(
        district_id=pl.lit("01900000-0000-7000-8000-00000000000b")
    )
    before = admin.execute("SELECT count(*) FROM app.concept_mastery").fetchone()
    with postgres.transaction(call.tenant) as connection:
        change = replace_mastery(connection, call.tenant, foreign, as_of=NOW)
        connection.rollback()
    assert change.written == 0
    assert admin.execute("SELECT count(*) FROM app.concept_mastery").fetchone() == before


def test_a_student_of_another_school_is_refused_by_the_key(
    call: Caller, postgres: PostgresResource, bench: DistrictBench
) -> None:
    wrong = _mastery_of(bench, 70.0, 0).with_columns(school_id=pl.lit(str(bench.schools[1].school.id)))
    with postgres.transaction(call.tenant) as connection:
        connection.execute("DELETE FROM app.concept_mastery")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            replace_mastery(connection, call.tenant, wrong, as_of=NOW)
