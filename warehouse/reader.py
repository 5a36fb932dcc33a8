"""Answers from a district's served marts: through a connection that can open its folder and nothing else.

Only a single SELECT is accepted. SQL comes from this package alone; values travel as bound parameters.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Timer
from typing import Any

import duckdb

from warehouse.catalog import mart_named
from warehouse.connections import POOL, quoted
from warehouse.folder import DistrictFolder
from warehouse.manifest import WarehouseError, served_manifest
from warehouse.mirror import prune_mirror
from warehouse.verification import verified_files

TIMEOUT_SECONDS = 10.0
_ATTEMPTS = 3
"""A version may vanish between the manifest and the file when the grace period ends; the next manifest has it."""


class QueryRefusedError(WarehouseError):
    """Only one SELECT may be asked."""


class QueryTooSlowError(WarehouseError):
    """A query was stopped before it had its answer."""


@dataclass(frozen=True, slots=True)
class MartQuery:
    """A statement over marts by name. `parameters` are bound as `$name`."""

    marts: tuple[str, ...]
    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MartAnswer:
    """Rows as dictionaries, from `as_of`, published at `computed_at` (both UTC).

    `complete_through`: nothing that happened until then is missing from any mart of the publication.
    """

    rows: list[dict[str, Any]]
    as_of: datetime
    computed_at: datetime
    complete_through: datetime


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


def run_select(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]
) -> list[dict[str, Any]]:
    """Run exactly one SELECT. Raises QueryRefusedError for anything else."""
    statements = connection.extract_statements(sql)
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise QueryRefusedError("only a single SELECT may be asked of the warehouse")
    return connection.execute(statements[0], dict(parameters)).pl().to_dicts()


def _answer_once(folder: DistrictFolder, query: MartQuery) -> MartAnswer:
    manifest = served_manifest(folder)
    prune_mirror(folder, manifest)
    files = {name: verified_files(folder, mart_named(name), manifest.entry(name)) for name in query.marts}
    with POOL.lease(folder) as lease:
        try:
            for name, paths in files.items():
                lease.show(name, _view(name, paths))
            with _interrupted_after(lease.connection, TIMEOUT_SECONDS):
                rows = run_select(lease.connection, query.sql, query.parameters)
        except duckdb.IOException:
            _raise_if_vanished(path for paths in files.values() for path in paths)
            raise
    as_of = min(manifest.entry(name).as_of for name in query.marts)
    return MartAnswer(rows, as_of, manifest.computed_at, manifest.as_of)


@contextmanager
def _interrupted_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Stop a query that takes too long. Raises QueryTooSlowError."""
    alarm = Timer(seconds, connection.interrupt)
    alarm.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise QueryTooSlowError(f"a query took longer than {seconds:g} seconds") from error
    finally:
        alarm.cancel()


def _view(name: str, paths: list[Path]) -> str:
    files = ", ".join(quoted(str(path)) for path in paths)
    return (
        f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet([{files}], hive_partitioning = false)"
    )


def _raise_if_vanished(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(path)
