"""Ways out of a district's folder: each tried on the locked connection, through the reader, and over HTTP."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from core.ids import new_id
from core.tenancy import TenantId
from tests.factories.marts import serve
from tests.factories.world import DistrictBench, make_district_bench
from tests.fixtures.web import Api
from tests.leaks.bench import own_values
from tests.leaks.operations import SAMPLES, Operation
from warehouse.catalog import MARTS
from warehouse.connections import POOL, locked_connection
from warehouse.folder import DistrictFolder, open_warehouse
from warehouse.manifest import ManifestCorruptedError, served_manifest
from warehouse.reader import MartQuery, QueryRefusedError, answer
from warehouse.verification import FileCorruptedError

CANARY = "CANARY-ESCAPED"
EVERY_ANSWER = MartQuery(("answers",), "SELECT * FROM answers")


@dataclass(frozen=True)
class Neighbours:
    """Two districts side by side; `places` names what attacks aim at."""

    ours: DistrictFolder
    theirs: DistrictFolder
    places: Mapping[str, str]

    @property
    def root(self) -> Path:
        return self.ours.local_root.parent


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Neighbours:
    """For attacks, which change nothing."""
    return make_neighbours(tmp_path_factory.mktemp("attacked"))


@pytest.fixture
def spoiled(tmp_path: Path) -> Neighbours:
    """For those who write into our folder."""
    return make_neighbours(tmp_path)


def make_neighbours(place: Path) -> Neighbours:
    warehouse = open_warehouse(str(place / "files"), place / "cache")
    ours, theirs = (warehouse.district(TenantId.from_partition_key(str(new_id()))) for _ in range(2))
    serve(ours, {"answers": [{"answer_id": "ours"}]})
    serve(theirs, canary_rows())
    (ours.local_root / "link").symlink_to(theirs.local_root)
    (ours.local_root / "answers.link").symlink_to(theirs.local_root / _served(theirs))
    places = {
        "ours": str(ours.local_root),
        "root": str(ours.local_root.parent),
        "theirs": theirs.name,
        "file": _served(theirs),
    }
    return Neighbours(ours, theirs, places)


def canary_rows() -> dict[str, list[dict[str, str]]]:
    """One row of every mart, the canary in each of its texts."""
    return {
        name: [
            {
                one.name: CANARY
                for one in mart.columns
                if one.dtype == pl.String() and one.name != "district_id"
            }
        ]
        for name, mart in MARTS.items()
    }


def _served(folder: DistrictFolder) -> str:
    return served_manifest(folder).marts["answers"].files[0].path


READS = {
    "traversal": "FROM read_parquet('{ours}/../{theirs}/{file}')",
    "traversal through a folder that is not there": "FROM read_parquet('{ours}/none/../../{theirs}/{file}')",
    "relative path": "FROM read_parquet('../{theirs}/{file}')",
    "absolute path": "FROM read_parquet('{root}/{theirs}/{file}')",
    "a list with one of ours": "FROM read_parquet(['{ours}/{file}', '{root}/{theirs}/{file}'])",
    "doubled slashes": "FROM read_parquet('{root}//{theirs}//{file}')",
    "file address": "FROM read_parquet('file://{root}/{theirs}/{file}')",
    "path as a table": "FROM '{root}/{theirs}/{file}'",
    "glob over districts": "FROM read_parquet('{root}/*/{file}')",
    "glob through us": "FROM read_parquet('{ours}/../*/{file}')",
    "deep glob": "FROM read_parquet('{root}/**/*.parquet')",
    "list of files": "FROM glob('{root}/**')",
    "symbolic link to a folder": "FROM read_parquet('{ours}/link/{file}')",
    "symbolic link to a file": "FROM read_parquet('{ours}/answers.link')",
    "metadata": "FROM parquet_metadata('{root}/{theirs}/{file}')",
    "schema": "FROM parquet_schema('{root}/{theirs}/{file}')",
    "text": "FROM read_text('{root}/{theirs}/manifest.json')",
    "blob": "FROM read_blob('{root}/{theirs}/{file}')",
    "csv": "FROM read_csv('{root}/{theirs}/manifest.json')",
    "sniffer": "FROM sniff_csv('{root}/{theirs}/manifest.json')",
    "json": "FROM read_json('{root}/{theirs}/manifest.json')",
    "system file": "FROM read_text('/proc/self/environ')",
    "environment": "SELECT getenv('PATH')",
    "network": "FROM read_parquet('https://example.org/x.parquet')",
    "bucket": "FROM read_parquet('s3://bucket/x.parquet')",
    "inside a subquery": "SELECT (SELECT count(*) FROM read_parquet('{root}/{theirs}/{file}'))",
    "inside a table expression": "WITH x AS (FROM read_parquet('{root}/{theirs}/{file}')) FROM x",
    "by a query in a text": "FROM query('FROM read_parquet(''{root}/{theirs}/{file}'')')",
    "by a table named in a text": "FROM query_table('{root}/{theirs}/{file}')",
}

DEEDS = {
    "attach": "ATTACH '{root}/{theirs}/x.db'",
    "attach a file as a database": "ATTACH '{root}/{theirs}/{file}' AS stolen",
    "copy from": "CREATE TABLE t (x VARCHAR); COPY t FROM '{root}/{theirs}/manifest.json'",
    "copy out": "COPY (SELECT 1) TO '{root}/escaped.csv'",
    "export": "EXPORT DATABASE '{root}/escaped'",
    "import": "IMPORT DATABASE '{root}/{theirs}'",
    "spill elsewhere": "SET temp_directory = '{root}/escaped'",
    "home elsewhere": "SET home_directory = '{root}'",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
    "load a file": "LOAD '{root}/{theirs}/{file}'",
    "other extensions": "SET custom_extension_repository = 'http://localhost'",
    "unsigned extensions": "SET allow_unsigned_extensions = true",
    "open up": "SET enable_external_access = true",
    "open up by pragma": "PRAGMA enable_external_access = true",
    "widen": "SET allowed_directories = ['/']",
    "widen to a file": "SET allowed_paths = ['/etc/passwd']",
    "reset": "RESET allowed_directories",
    "unlock": "SET lock_configuration = false",
    "unlock by reset": "RESET lock_configuration",
    "more memory": "SET memory_limit = '100GB'",
    "log to a file": "SET log_query_path = '{root}/escaped.log'",
    "profile to a file": "PRAGMA profiling_output = '{root}/escaped.json'",
    "second statement": "SELECT 1; FROM read_parquet('{root}/{theirs}/{file}')",
    "prepared": "PREPARE p AS FROM read_parquet('{root}/{theirs}/{file}'); EXECUTE p",
    "view now, read later": "CREATE VIEW v AS FROM read_parquet('{root}/{theirs}/{file}'); FROM v",
    "macro": "CREATE MACRO m() AS TABLE FROM read_parquet('{root}/{theirs}/{file}'); FROM m()",
}

ATTACKS = READS | DEEDS
by_attack = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())


@by_attack
def test_the_locked_connection_denies_it(neighbours: Neighbours, attack: str) -> None:
    before = files_of(neighbours)
    with locked_connection(neighbours.ours) as connection, pytest.raises(duckdb.Error):
        connection.execute(attack.format(**neighbours.places)).fetchall()
    assert files_of(neighbours) == before


@by_attack
def test_the_reader_denies_it_and_its_next_answer_is_its_own(neighbours: Neighbours, attack: str) -> None:
    """Also on a pooled connection that has served before, and may serve after."""
    assert len(answer(neighbours.ours, EVERY_ANSWER).rows) == 1
    before = files_of(neighbours)
    with pytest.raises((duckdb.Error, QueryRefusedError)):
        answer(neighbours.ours, MartQuery(("answers",), attack.format(**neighbours.places)))
    assert files_of(neighbours) == before
    assert [row["answer_id"] for row in answer(neighbours.ours, EVERY_ANSWER).rows] == ["ours"]


def test_the_neighbours_file_can_be_read_where_nothing_is_locked(neighbours: Neighbours) -> None:
    """The attacks fail at the lock and not because they aim at nothing."""
    place = "{root}/{theirs}/{file}".format_map(neighbours.places)
    with duckdb.connect() as connection:
        stolen = connection.execute("FROM read_parquet(?, hive_partitioning = false)", [place]).fetchall()
    assert CANARY in str(stolen)


def test_values_are_never_paths(neighbours: Neighbours) -> None:
    """A path that travels as a value is refused by the lock, wherever a statement would use it."""
    attack = MartQuery(
        ("answers",), "FROM read_parquet($path)", {"path": str(neighbours.theirs.local_root / "**")}
    )
    with pytest.raises(duckdb.Error):
        answer(neighbours.ours, attack)


@pytest.mark.parametrize("plant", [os.link, os.symlink], ids=["hard link", "symbolic link"])
def test_a_foreign_file_planted_under_our_own_files_name_is_not_served(
    spoiled: Neighbours, plant: Any
) -> None:
    """A hard link is the file itself, so no path tells it apart: its content does, against the manifest."""
    ours = spoiled.ours.local_root / _served(spoiled.ours)
    ours.unlink()
    plant(spoiled.theirs.local_root / _served(spoiled.theirs), ours)
    with pytest.raises(FileCorruptedError):
        answer(spoiled.ours, EVERY_ANSWER)


@pytest.mark.parametrize("path", ["../{theirs}/{file}", "link/{file}", "{root}/{theirs}/{file}"])
def test_a_manifest_that_names_a_file_elsewhere_is_not_served(spoiled: Neighbours, path: str) -> None:
    manifest = spoiled.ours.local_root / "manifest.json"
    named = manifest.read_text().replace(_served(spoiled.ours), path.format(**spoiled.places))
    manifest.write_text(named)
    with pytest.raises(ManifestCorruptedError):
        answer(spoiled.ours, EVERY_ANSWER)


def test_a_pooled_connection_serves_the_folder_it_is_locked_to(neighbours: Neighbours) -> None:
    for folder in (neighbours.ours, neighbours.theirs) * 3:
        with POOL.lease(folder) as lease:
            found = lease.connection.execute("SELECT current_setting('allowed_directories')").fetchone()
        assert found is not None
        assert found[0] == [f"{folder.local_root}/"]


def files_of(neighbours: Neighbours) -> set[Path]:
    return set(neighbours.root.rglob("*"))


OUT_OF_THE_FOLDER = [
    "../{theirs}/{file}",
    "{root}/{theirs}/{file}",
    "{root}/*/{file}",
    "file://{root}/{theirs}/{file}",
    "x' UNION ALL FROM read_parquet('{root}/{theirs}/{file}') --",
    "'; COPY (SELECT 1) TO '{root}/escaped.csv'; --",
    "'; ATTACH '{root}/x.db'; --",
    "'; SET enable_external_access = true; --",
    "'; INSTALL httpfs; LOAD httpfs; --",
    "' || getenv('PATH') || '",
    "' OR district_id = '{district}",
    "{district}",
    "$class_id",
]

ANALYTIC = [name for name in SAMPLES if "/analytics/" in name or "/progress/" in name]


@pytest.fixture(scope="module")
def served_districts(app: FastAPI, rows: Session) -> tuple[DistrictBench, DistrictBench]:
    """Ours, and a district whose every mart is full of canaries."""
    ours, theirs = make_district_bench(rows), make_district_bench(rows)
    for bench, marts in ((ours, {}), (theirs, canary_rows())):
        serve(app.state.warehouse.district(TenantId.from_command_line(bench.district.district_id)), marts)
    return ours, theirs


@pytest.mark.parametrize("name", ANALYTIC)
async def test_no_parameter_of_an_analytics_route_leads_out(
    *,
    api: Api,
    app: FastAPI,
    document: dict[str, Any],
    all_operations: list[Operation],
    served_districts: tuple[DistrictBench, DistrictBench],
    name: str,
) -> None:
    ours, theirs = served_districts
    operation = next(one for one in all_operations if str(one) == name)
    folder = app.state.warehouse.district(TenantId.from_command_line(theirs.district.district_id))
    places = {
        "root": str(folder.local_root.parent),
        "theirs": folder.name,
        "file": _served(folder),
        "district": str(theirs.district.district_id),
    }
    client = api.signed_in(getattr(ours.schools[0], operation.sample.caller))
    before = set(folder.local_root.parent.iterdir())
    for payload in (text.format(**places) for text in OUT_OF_THE_FOLDER):
        for request in _requests(document, operation, own_values(ours, ours.schools[0]), payload):
            found = await client.request(**request)
            assert found.status_code < 500, request
            assert CANARY not in found.text, request
    assert set(folder.local_root.parent.iterdir()) == before


def _requests(
    document: dict[str, Any], operation: Operation, values: dict[str, str], payload: str
) -> Iterator[dict[str, Any]]:
    """The rightful request with the payload in one place of its path or query after the other."""
    for slot in operation.slots:
        yield operation.request({**values, slot: "".join(f"%{byte:02x}" for byte in payload.encode())})
    described = document["paths"][operation.path][operation.method.lower()].get("parameters", [])
    for parameter in described:
        if parameter["in"] == "query":
            yield operation.request(values, with_query=False) | {"params": {parameter["name"]: payload}}


def test_every_analytics_route_is_tried() -> None:
    assert len(ANALYTIC) >= 25
