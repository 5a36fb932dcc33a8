import psycopg
import pytest
from dagster import build_init_resource_context

from core.tenancy import TenantId
from pipelines.resources import DistrictBusyError, PostgresResource, take_district_lock
from tests.factories.world import DistrictBench


def _schools(connection: psycopg.Connection) -> set[str]:
    return {str(row[0]) for row in connection.execute("SELECT id FROM app.schools")}


def test_a_transaction_sees_its_own_district_and_no_other(
    postgres: PostgresResource, tenant: TenantId, bench: DistrictBench
) -> None:
    with postgres.transaction(tenant) as connection:
        assert _schools(connection) == {str(bench.schools[0].school.id), str(bench.schools[1].school.id)}


def test_a_snapshot_shows_one_moment_and_takes_no_writes(
    postgres: PostgresResource, tenant: TenantId, admin: psycopg.Connection
) -> None:
    with postgres.snapshot(tenant) as moment:
        before = _schools(moment.connection)
        admin.execute(
            "INSERT INTO app.schools (district_id, id, name) VALUES (%s, gen_random_uuid(), 'x')",
            [str(tenant)],
        )
        assert _schools(moment.connection) == before
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            moment.connection.execute("DELETE FROM app.concept_mastery")


def test_names_and_addresses_of_people_cannot_be_read(postgres: PostgresResource, tenant: TenantId) -> None:
    with postgres.transaction(tenant) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT name FROM app.users")


def test_the_directory_lists_active_districts_only(
    postgres: PostgresResource, tenant: TenantId, admin: psycopg.Connection
) -> None:
    assert str(tenant) in postgres.active_districts()
    admin.execute("UPDATE app.district_directory SET status = 'closed' WHERE id = %s", [str(tenant)])
    assert str(tenant) not in postgres.active_districts()


def test_a_district_is_locked_by_one_run_at_a_time_and_free_when_its_connection_ends(
    postgres: PostgresResource, tenant: TenantId
) -> None:
    first, second = postgres._connect(autocommit=True), postgres._connect(autocommit=True)
    second.execute("SET lock_timeout = '100ms'")
    take_district_lock(first, tenant)
    with pytest.raises(DistrictBusyError):
        take_district_lock(second, tenant)
    assert second.closed
    first.close()
    with postgres._connect(autocommit=True) as third:
        take_district_lock(third, tenant)


def test_without_a_run_there_is_nothing_to_lock(postgres: PostgresResource) -> None:
    context = build_init_resource_context()
    postgres.setup_for_execution(context)
    postgres.teardown_after_execution(context)
    assert postgres._held is None
