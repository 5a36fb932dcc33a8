"""Two districts with answers and events in a real PostgreSQL, read as pipeline_rw; a warehouse of the test's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import polars as pl
import psycopg
import pytest
from dagster import AssetsDefinition, DagsterInstance, build_asset_context

from core.tenancy import TenantId
from pipelines.districts.partitions import DISTRICTS
from pipelines.resources import PostgresResource, WarehouseResource
from tests.factories.world import DistrictBench
from tests.fixtures.schema import MigratedDatabase
from warehouse.folder import DistrictFolder
from warehouse.mart import Mart
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry


@pytest.fixture
def postgres(migrated: MigratedDatabase) -> PostgresResource:
    return PostgresResource(url=migrated.pipeline_url)


@pytest.fixture
def warehouse(tmp_path: Path) -> WarehouseResource:
    return WarehouseResource(url=str(tmp_path / "warehouse"), cache_path=str(tmp_path / "cache"))


@pytest.fixture
def tenant(bench: DistrictBench) -> TenantId:
    return TenantId.from_partition_key(str(bench.district.district_id))


@pytest.fixture
def folder(tenant: TenantId, warehouse: WarehouseResource) -> DistrictFolder:
    return warehouse.district(tenant)


@pytest.fixture
def admin(migrated: MigratedDatabase) -> Iterator[psycopg.Connection]:
    """The superuser's connection; what it does is committed at once."""
    with psycopg.connect(migrated.dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def instance(tmp_path: Path, tenant: TenantId) -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral(tempdir=str(tmp_path)) as ephemeral:
        ephemeral.add_dynamic_partitions(str(DISTRICTS.name), [str(tenant)])
        yield ephemeral


def settle(admin: psycopg.Connection) -> None:
    """Wait until every older transaction of the server has ended: other test processes write there, too."""
    deadline = monotonic() + 30
    (now,) = admin.execute("SELECT pg_current_xact_id()::text::bigint").fetchone() or (0,)
    while monotonic() < deadline:
        (horizon,) = admin.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        ).fetchone() or (0,)
        if horizon > now:
            return
        sleep(0.01)
    raise TimeoutError("another transaction of the server stays open")


@dataclass(frozen=True)
class Caller:
    """Calls assets as plain functions, for one district; what they write is staged under one run id."""

    tenant: TenantId
    resources: dict[str, Any]
    admin: psycopg.Connection

    @property
    def folder(self) -> DistrictFolder:
        folder: DistrictFolder = self.resources["warehouse"].district(self.tenant)
        return folder

    def __call__(self, asset: AssetsDefinition, *, is_settled: bool = True, **arguments: Any) -> Any:
        if is_settled:
            settle(self.admin)
        wanted = {
            name: self.resources[name] for name in sorted(asset.required_resource_keys - {"io_manager"})
        }
        return asset(build_asset_context(partition_key=str(self.tenant)), **arguments, **wanted)


RUN_ID = "EPHEMERAL"
"""What Dagster calls a run that is only a function call."""


@pytest.fixture
def call(
    tenant: TenantId, postgres: PostgresResource, warehouse: WarehouseResource, admin: psycopg.Connection
) -> Caller:
    return Caller(tenant, {"postgres": postgres, "warehouse": warehouse}, admin)


def written(call: Caller, mart: Mart) -> pl.DataFrame:
    """Return what the called assets have staged of a mart."""
    entry = staged_entry(call.folder, mart.name, RUN_ID)
    assert entry is not None
    return scan_mart(call.folder, mart, entry).collect()
