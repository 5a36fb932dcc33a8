"""One random district per seed, run through the pipeline as the daemon does it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from core.tenancy import TenantId
from pipelines import suites
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.runner import DistrictRun, rebuild, run_districts
from tests.fixtures.schema import MigratedDatabase
from tests.oracle.facts import Rows
from tests.pipelines.conftest import settle
from warehouse.catalog import MARTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import served_manifest
from warehouse.verification import scan_mart


@pytest.fixture(scope="module")
def admin(migrated: MigratedDatabase) -> Iterator[psycopg.Connection]:
    """The superuser's connection; what it does is committed at once."""
    with psycopg.connect(migrated.dsn, autocommit=True) as connection:
        yield connection


@dataclass(frozen=True)
class Pipeline:
    """Runs districts into a warehouse of its own."""

    admin: psycopg.Connection
    postgres: PostgresResource
    warehouse: WarehouseResource

    def run(self, district_id: object, *, anew: bool = False) -> DistrictRun:
        settle(self.admin)
        entry = rebuild if anew else run_districts
        (outcome,) = entry([str(district_id)], postgres=self.postgres, warehouse=self.warehouse)
        assert outcome.problems == ()
        return outcome

    def folder(self, district_id: object) -> DistrictFolder:
        folder: DistrictFolder = self.warehouse.district(TenantId.from_partition_key(str(district_id)))
        return folder

    def served(self, district_id: object) -> dict[str, Rows]:
        """Return the rows of every served mart."""
        folder = self.folder(district_id)
        manifest = served_manifest(folder)
        frames = {
            name: scan_mart(folder, mart, manifest.entry(name)).collect() for name, mart in MARTS.items()
        }
        return {name: frame.to_dicts() for name, frame in frames.items()}

    def digests(self, district_id: object) -> dict[str, list[str]]:
        """Return the checksums of every served file, by mart, in the order of the files."""
        marts = served_manifest(self.folder(district_id)).marts
        return {name: [file.sha256 for file in entry.files] for name, entry in marts.items()}


@pytest.fixture
def pipeline(admin: psycopg.Connection, migrated: MigratedDatabase, tmp_path: Path) -> Pipeline:
    return pipeline_into(tmp_path, admin, migrated)


def pipeline_into(place: Path, admin: psycopg.Connection, database: MigratedDatabase) -> Pipeline:
    return Pipeline(
        admin,
        PostgresResource(url=database.pipeline_url),
        WarehouseResource(url=str(place / "warehouse"), cache_path=str(place / "cache")),
    )


@pytest.fixture
def _suites_are_tested_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue's suites take half of a run's time and change nothing that is served."""
    monkeypatch.setattr(suites, "failures_of", lambda *_: [])
