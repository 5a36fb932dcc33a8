"""What the assets reach: PostgreSQL as `pipeline_rw`, always inside one district, and the warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from dagster import ConfigurableResource, InitResourceContext
from psycopg import sql
from pydantic import PrivateAttr

from core.config import get_settings, plain_url
from core.tenancy import DISTRICT_SCOPE, TenantId
from warehouse.folder import DistrictFolder, open_warehouse

PARTITION_TAG = "dagster/partition"
_LOCK_SPACE = "homeroom-district-run"


class DistrictBusyError(Exception):
    """Two runs of one district may not work at the same time."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of one district's data. Everything read through `connection` is from that moment.

    `as_of`: all transactions committed before it are visible. `horizon`: every transaction below it has ended,
    so no row of a smaller `recorded_xid` can still appear.
    """

    connection: psycopg.Connection
    as_of: datetime
    horizon: int

    def value(self, statement: sql.Composed) -> Any:
        """Return the only value of the only row a statement gives."""
        (value,) = self.connection.execute(statement).fetchone() or (None,)
        return value


class PostgresResource(ConfigurableResource[None]):
    """Connections of role pipeline_rw; row security binds it like everyone else.

    While a run of one partition lasts, a session lock on its district is held, so that a run from the command
    line and one from the daemon never work on one district together.
    """

    url: str = ""
    """Empty: HOMEROOM_PIPELINE_DATABASE_URL."""
    _held: psycopg.Connection | None = PrivateAttr(default=None)

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Take the district's lock; waits as long as the role's lock_timeout (10 s), then the run fails."""
        partition = context.run.tags.get(PARTITION_TAG) if context.run else None
        if partition is not None:
            connection = self._connect(autocommit=True)
            take_district_lock(connection, TenantId.from_partition_key(partition))
            self._held = connection

    def teardown_after_execution(self, context: InitResourceContext) -> None:  # noqa: ARG002 - Dagster's signature
        if self._held is not None:
            self._held.close()

    @contextmanager
    def transaction(self, tenant: TenantId) -> Iterator[psycopg.Connection]:
        """One read-write transaction inside a district; committed when the block ends well."""
        with self._connect() as connection:
            announce_tenant(connection, tenant)
            yield connection

    @contextmanager
    def snapshot(self, tenant: TenantId) -> Iterator[Snapshot]:
        """One read-only moment of a district: all statements inside see the same rows."""
        with self._connect() as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            announce_tenant(connection, tenant)
            statement = "SELECT now(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            for as_of, horizon in connection.execute(statement):
                yield Snapshot(connection, as_of, horizon)

    def active_districts(self) -> list[str]:
        """Return the ids in the directory, the one list readable without a tenant, sorted."""
        statement = "SELECT id FROM app.district_directory WHERE status = 'active' ORDER BY id"
        with self._connect() as connection:
            return [str(row[0]) for row in connection.execute(statement)]

    def _connect(self, *, autocommit: bool = False) -> psycopg.Connection:
        url = self.url or get_settings().pipeline_database_url
        return psycopg.connect(plain_url(url), autocommit=autocommit, connect_timeout=5)


class WarehouseResource(ConfigurableResource[None]):
    """The warehouse; a district's folder is all an asset ever holds of it."""

    url: str = ""
    """Empty: HOMEROOM_WAREHOUSE_URL."""
    cache_path: str = ""
    """Empty: HOMEROOM_WAREHOUSE_CACHE_PATH."""

    def district(self, tenant: TenantId) -> DistrictFolder:
        settings = get_settings()
        cache = Path(self.cache_path) if self.cache_path else settings.warehouse_cache_path
        return open_warehouse(self.url or settings.warehouse_url, cache).district(tenant)


def announce_tenant(connection: psycopg.Connection, tenant: TenantId) -> None:
    """Tell row security whose transaction this is; forgotten when the transaction ends."""
    connection.execute(
        "SELECT set_config('app.district_id', %s, true), set_config('app.scope', %s, true), "
        "set_config('app.user_id', '', true)",
        [str(tenant), str(DISTRICT_SCOPE)],
    )


def take_district_lock(connection: psycopg.Connection, tenant: TenantId) -> None:
    """Wait for the district's lock; it ends with the connection, so a killed run never leaves it behind.

    Raises DistrictBusyError, and closes the connection, when another run still holds it after the lock timeout.
    """
    try:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s), hashtext(%s))", [_LOCK_SPACE, str(tenant)])
    except psycopg.errors.LockNotAvailable as error:
        connection.close()
        raise DistrictBusyError(
            "another run is working on this district; try again when it has ended"
        ) from error
