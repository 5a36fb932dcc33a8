"""The tenant-locked reader: DuckDB in memory that can open one district's folder and nothing else.

The lock has four bars: `allowed_directories` names that one folder (DuckDB resolves `..` and links before it
compares), external access is off, the configuration is frozen, and only a single SELECT is accepted. SQL comes
from `warehouse.queries` alone; values travel as bound parameters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.catalog import mart_named
from warehouse.folder import DistrictFolder
from warehouse.manifest import WarehouseError, served_manifest
from warehouse.mirror import prune_mirror
from warehouse.verification import verified_files

MEMORY_LIMIT = "512MB"
THREADS = 2
_ATTEMPTS = 3
"""A version may vanish between the manifest and the file when the grace period ends; the next manifest has it."""


class QueryRefusedError(WarehouseError):
    """Only one SELECT may be asked."""


@dataclass(frozen=True, slots=True)
class MartQuery:
    """A statement over marts by name. `parameters` are bound as `$name`."""

    marts: tuple[str, ...]
    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MartAnswer:
    """Rows as dictionaries, complete through `as_of`, published at `computed_at` (both UTC)."""

    rows: list[dict[str, Any]]
    as_of: datetime
    computed_at: datetime


def answer(folder: DistrictFolder, query: MartQuery) -> MartAnswer:
    """Run one query over the district's served marts.

    Raises MartNotServedError before the first publication, and FileCorruptedError, SchemaChangedError or
    ManifestCorruptedError instead of serving a number that may be wrong.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _answer_once(folder, query)
        except FileNotFoundError:
            continue
    return _answer_once(folder, query)


def locked_connection(folder: DistrictFolder) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that can read this district's folder only; about 8 ms."""
    connection = duckdb.connect(":memory:", config=_CONFIGURATION)
    root = _quoted(f"{folder.local_root}/")
    connection.execute(f"SET allowed_directories = [{root}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def run_select(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]
) -> list[dict[str, Any]]:
    """Run exactly one SELECT. Raises QueryRefusedError for anything else."""
    statements = connection.extract_statements(sql)
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise QueryRefusedError("only a single SELECT may be asked of the warehouse")
    return connection.execute(statements[0], dict(parameters)).pl().to_dicts()


_CONFIGURATION: dict[str, Any] = {
    "memory_limit": MEMORY_LIMIT,
    "threads": THREADS,
    "temp_directory": "",  # nothing spills to a folder two districts could share
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def _answer_once(folder: DistrictFolder, query: MartQuery) -> MartAnswer:
    manifest = served_manifest(folder)
    prune_mirror(folder, manifest)
    files = {name: verified_files(folder, mart_named(name), manifest.entry(name)) for name in query.marts}
    with locked_connection(folder) as connection:
        try:
            for name, paths in files.items():
                connection.execute(_view(name, paths))
            rows = run_select(connection, query.sql, query.parameters)
        except duckdb.IOException:
            _raise_if_vanished(path for paths in files.values() for path in paths)
            raise
    as_of = min(manifest.entry(name).as_of for name in query.marts)
    return MartAnswer(rows, as_of, manifest.computed_at)


def _view(name: str, paths: list[Path]) -> str:
    files = ", ".join(_quoted(str(path)) for path in paths)
    return f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{files}], hive_partitioning = false)"


def _quoted(text: str) -> str:
    """Write a string literal: paths come from settings and manifests, yet an apostrophe must not end one."""
    return "'" + text.replace("'", "''") + "'"


def _raise_if_vanished(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(path)
