"""The audit trail can be added to and read within one's walls; nobody changes it, and nobody goes around the view."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.architecture.barrier import PROGRAM_ROLES, accepted_attempts, enter, physical_tables
from tests.factories.bookkeeping import make_audit_event
from tests.factories.world import DistrictBench, SchoolBench, make_district_bench
from tests.fixtures.schema import MigratedDatabase

_INSERT = """
    INSERT INTO app.tenant_audit_events
      (district_id, school_id, id, occurred_at, action, object_type, details)
    VALUES (%(district)s, %(school)s, %(id)s, %(moment)s, 'read', 'grade', '{}')
"""
_SCHOOLS = "SELECT DISTINCT district_id, school_id FROM app.tenant_audit_events"


@pytest.fixture(scope="module")
def two(rows: Session) -> tuple[DistrictBench, DistrictBench]:
    return make_district_bench(rows), make_district_bench(rows)


@pytest.fixture
def application(migrated: MigratedDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(migrated.app_url.replace("+psycopg", "")) as connection:
        yield connection
        connection.rollback()


def event_of(school: SchoolBench, moment: str = "2026-11-02 10:00Z") -> dict[str, Any]:
    place = school.school
    return {"district": place.district_id, "school": place.id, "id": new_id(), "moment": moment}


@pytest.mark.parametrize("role", PROGRAM_ROLES)
def test_no_program_touches_the_table_or_a_chunk(
    rows: Session, migrated: MigratedDatabase, two: tuple[DistrictBench, DistrictBench], role: str
) -> None:
    make_audit_event(rows, two[0].schools[0].student)
    with psycopg.connect(migrated.dsn) as superuser:
        tables = physical_tables(superuser, "app.audit_events")
        superuser.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        enter(superuser, two[0].district.district_id)
        accepted = [(table, attempt) for table in tables for attempt in accepted_attempts(superuser, *table)]
    assert ("app", "audit_events") in tables
    assert accepted == []


def test_a_chunk_of_another_month_is_as_closed_as_the_first(
    migrated: MigratedDatabase, application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    enter(application, two[0].district.district_id)
    application.execute(_INSERT, event_of(two[0].schools[0], "2031-01-01 00:00Z"))
    application.commit()
    with psycopg.connect(migrated.dsn) as superuser:
        tables = physical_tables(superuser, "app.audit_events")
        superuser.execute("SET ROLE app_rw")
        enter(superuser, two[0].district.district_id)
        assert [table for table in tables if accepted_attempts(superuser, *table)] == []


def test_the_trail_is_a_hypertable_where_timescale_is_present(migrated: MigratedDatabase) -> None:
    with psycopg.connect(migrated.dsn) as connection:
        extension = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
        tables = physical_tables(connection, "app.audit_events")
    assert (len(tables) > 1) == (extension is not None)


def test_the_application_may_read_and_add_through_the_view_and_nothing_else(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    enter(application, two[0].district.district_id)
    application.execute(_INSERT, event_of(two[0].schools[0]))
    assert set(accepted_attempts(application, "app", "tenant_audit_events")) <= {"read", "insert"}


def test_the_pipelines_have_no_business_with_the_trail(
    migrated: MigratedDatabase, two: tuple[DistrictBench, DistrictBench]
) -> None:
    with psycopg.connect(migrated.pipeline_url.replace("+psycopg", "")) as connection:
        enter(connection, two[0].district.district_id)
        assert accepted_attempts(connection, "app", "tenant_audit_events") == []


def seen(connection: psycopg.Connection) -> set[tuple[UUID, UUID | None]]:
    return set(connection.execute(_SCHOOLS).fetchall())


def test_a_district_sees_its_own_trail_only(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    enter(application, two[0].district.district_id)
    assert {district for district, _ in seen(application)} == {two[0].district.district_id}
    assert {school.school.id for school in two[0].schools} <= {school for _, school in seen(application)}


def test_a_school_sees_its_own_trail_only(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    school = two[0].schools[0].school
    enter(application, school.district_id, school.id)
    assert seen(application) == {(school.district_id, school.id)}


def test_without_a_context_nothing_is_answered(application: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="tenant context missing"):
        application.execute(_SCHOOLS)


@pytest.mark.parametrize("place", ["another district", "another school"])
def test_nobody_writes_into_somebody_elses_trail(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench], place: str
) -> None:
    school = two[0].schools[0].school
    enter(application, school.district_id, school.id)
    foreign = two[1].schools[0] if place == "another district" else two[0].schools[1]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        application.execute(_INSERT, event_of(foreign))


def test_a_function_in_a_filter_never_sees_a_foreign_row(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    """The barrier: a cheap, leaky condition of the caller's must not run before the policy."""
    enter(application, two[0].district.district_id)
    application.execute(
        "CREATE FUNCTION pg_temp.spy(district uuid) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
        " $$ BEGIN RAISE NOTICE '%', district; RETURN true; END $$"
    )
    noticed: list[str] = []
    application.add_notice_handler(lambda notice: noticed.append(str(notice.message_primary)))
    application.execute("SELECT count(*) FROM app.tenant_audit_events WHERE pg_temp.spy(district_id)")
    assert set(noticed) == {str(two[0].district.district_id)}
