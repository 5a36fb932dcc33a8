"""A change is never missed, whenever its transaction began, and is followed once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from core.tenancy import TenantId
from pipelines.districts.queries import FOLLOWED, has_changes_after
from pipelines.resources import PostgresResource
from tests.e2e.client import eventually
from tests.factories.world import DistrictBench
from tests.fixtures.schema import MigratedDatabase

Asked = Callable[..., bool]


@pytest.fixture
def changed(postgres: PostgresResource, tenant: TenantId) -> Asked:
    def ask(table: str, *, moment: datetime, watermark: int) -> bool:
        with postgres.snapshot(tenant) as snapshot:
            question = has_changes_after(tenant, table, moment=moment.isoformat(), watermark=watermark)
            return bool(snapshot.value(question))

    return ask


def horizon(admin: psycopg.Connection) -> int:
    (xid,) = admin.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchone() or (0,)
    return int(xid)


def wait_until_all_ended(admin: psycopg.Connection) -> None:
    """Other tests on the same server hold the horizon too, until the transactions that began before us have ended."""
    (ours,) = admin.execute("SELECT pg_current_xact_id()::text::bigint").fetchone() or (0,)
    eventually(
        lambda: horizon(admin) > ours or None, 60, "the end of all transactions that began before ours"
    )


@pytest.mark.parametrize("table", FOLLOWED)
def test_a_row_written_later_is_a_change_and_an_older_one_is_not(
    table: str, changed: Asked, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    assert bench.schools
    far = horizon(admin) + 1_000_000
    assert changed(table, moment=datetime.now(UTC) - timedelta(minutes=5), watermark=far)
    assert not changed(table, moment=datetime.now(UTC) + timedelta(seconds=1), watermark=far)


def test_a_transaction_that_began_before_the_snapshot_and_ended_after_it_is_found(
    changed: Asked, bench: DistrictBench, admin: psycopg.Connection, migrated: MigratedDatabase
) -> None:
    grade = bench.schools[0].grade
    wait_until_all_ended(admin)
    with psycopg.connect(migrated.dsn) as slow:
        slow.execute(
            "UPDATE app.grades SET change_reason = 'slow', updated_at = now() WHERE id = %s", [grade.id]
        )
        served, watermark = datetime.now(UTC), horizon(admin)
        assert not changed("grades", moment=served, watermark=watermark)
    assert changed("grades", moment=served, watermark=watermark)
