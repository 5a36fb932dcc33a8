"""The event table and its chunks are closed; the barrier view is the only way in."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.architecture.barrier import PROGRAM_ROLES, accepted_attempts, enter, physical_tables
from tests.factories.interaction_event import make_interaction_event
from tests.factories.world import DistrictBench, make_district_bench
from tests.fixtures.schema import MigratedDatabase


@pytest.fixture(scope="module")
def two(rows: Session) -> tuple[DistrictBench, DistrictBench]:
    return make_district_bench(rows), make_district_bench(rows)


@pytest.fixture
def application(
    migrated: MigratedDatabase, two: tuple[DistrictBench, DistrictBench]
) -> Iterator[psycopg.Connection]:
    """The application's role in the first district."""
    with psycopg.connect(migrated.app_url.replace("+psycopg", "")) as connection:
        enter(connection, two[0].district.district_id)
        yield connection
        connection.rollback()


@pytest.mark.parametrize("role", PROGRAM_ROLES)
def test_no_program_reads_or_writes_the_table_or_a_chunk(
    rows: Session, migrated: MigratedDatabase, two: tuple[DistrictBench, DistrictBench], role: str
) -> None:
    make_interaction_event(rows, two[0].schools[0].submission)
    with psycopg.connect(migrated.dsn) as superuser:
        tables = physical_tables(superuser, "app.interaction_events")
        superuser.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        enter(superuser, two[0].district.district_id)
        accepted = [table for table in tables if accepted_attempts(superuser, *table)]
    assert ("app", "interaction_events") in tables
    assert accepted == []


def test_the_table_is_a_hypertable_where_timescale_is_present(migrated: MigratedDatabase) -> None:
    with psycopg.connect(migrated.dsn) as connection:
        extension = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
        tables = physical_tables(connection, "app.interaction_events")
    assert (len(tables) > 1) == (extension is not None)


def test_the_view_answers_our_events_only(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    seen = application.execute("SELECT DISTINCT district_id FROM app.tenant_interaction_events").fetchall()
    assert seen == [(two[0].district.district_id,)]


_INSERT = """
    INSERT INTO app.tenant_interaction_events
      (district_id, actor_id, event_id, event_time, school_id, verb, object_type, occurred_at, received_at, payload)
    VALUES (%(district)s, %(actor)s, %(event)s, '2026-11-02 10:00Z', %(school)s, 'viewed', 'page', now(), now(), '{}')
    ON CONFLICT DO NOTHING RETURNING event_id
"""


def _event_of(bench: DistrictBench) -> dict[str, UUID]:
    school = bench.schools[0]
    return {
        "district": bench.district.district_id,
        "actor": school.student.id,
        "event": new_id(),
        "school": school.school.id,
    }


def test_the_view_takes_an_event_once(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    event = _event_of(two[0])
    assert application.execute(_INSERT, event).fetchall() == [(event["event"],)]
    assert application.execute(_INSERT, event).fetchall() == []


def test_the_view_refuses_a_foreign_event(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        application.execute(_INSERT, _event_of(two[1]))


def test_the_view_refuses_another_schools_event(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    application.execute("SELECT set_config('app.scope', %s, true)", [f"school:{two[0].schools[1].school.id}"])
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        application.execute(_INSERT, _event_of(two[0]))


def test_a_function_in_a_filter_never_sees_a_foreign_row(
    application: psycopg.Connection, two: tuple[DistrictBench, DistrictBench]
) -> None:
    """The barrier: a cheap, leaky condition of the caller's must not run before the policy."""
    application.execute(
        "CREATE FUNCTION pg_temp.spy(district uuid) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
        " $$ BEGIN RAISE NOTICE '%', district; RETURN true; END $$"
    )
    noticed: list[str] = []
    application.add_notice_handler(lambda notice: noticed.append(str(notice.message_primary)))
    application.execute("SELECT count(*) FROM app.tenant_interaction_events WHERE pg_temp.spy(district_id)")
    assert set(noticed) == {str(two[0].district.district_id)}
