"""Events leave PostgreSQL once they are old, and only those that the lake proves it has.

Day by day, each day in its own transaction: a run that is stopped goes on where it was. An event goes only when
its own row is found in a day file whose checksum is the manifest's; whatever is not found there stays.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
import psycopg
from psycopg import sql

from core.tenancy import TenantId
from pipelines.resources import announce_tenant
from warehouse.events import EVENTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import FileEntry, MartEntry, read_manifest
from warehouse.verification import whole_file

_KEY = ("event_id", "event_time", "actor_id")


@dataclass(frozen=True, slots=True)
class Pruned:
    """`removed`: events that went, or would go; `kept`: old ones the lake does not have."""

    days: int
    removed: int
    kept: int


def prune_events(
    connection: psycopg.Connection,
    folder: DistrictFolder,
    *,
    before: datetime,
    dry_run: bool = False,
    on_day: Callable[[date], None] = lambda _day: None,
) -> Pruned:
    """Remove a district's events of days that ended by `before`, as the owner of the tables.

    Raises FileCorruptedError when a day file is not the published one; days before it are done by then.
    """
    manifest = read_manifest(folder)
    lake = manifest.marts.get(EVENTS.name) if manifest else None
    days, removed = 0, 0
    for day, file in _days_before(lake, before):
        held = pl.read_parquet(whole_file(folder, file), columns=list(_KEY))
        with connection.transaction():
            removed += _remove(connection, folder.tenant, held, dry_run=dry_run)
        days += 1
        on_day(day)
    remaining = _count_before(connection, folder.tenant, before)
    return Pruned(days, removed, remaining - removed if dry_run else remaining)


def drop_empty_chunks(connection: psycopg.Connection, *, before: datetime) -> int:
    """Drop chunks of TimescaleDB that have become empty in every district; return how many."""
    if connection.execute("SELECT to_regclass('timescaledb_information.chunks')").fetchone() == (None,):
        return 0
    chunks = connection.execute(
        "SELECT chunk_schema, chunk_name FROM timescaledb_information.chunks "
        "WHERE hypertable_schema = 'app' AND hypertable_name = 'interaction_events' AND range_end <= %s",
        [before],
    ).fetchall()
    return sum(_drop_if_empty(connection, sql.Identifier(*chunk)) for chunk in chunks)


def _days_before(lake: MartEntry | None, before: datetime) -> Iterator[tuple[date, FileEntry]]:
    for file in lake.files if lake else ():
        folder = file.path.split("/")[-2]
        if folder.startswith("day="):
            day = date.fromisoformat(folder.removeprefix("day="))
            if day < before.date():
                yield day, file


def _remove(connection: psycopg.Connection, tenant: TenantId, held: pl.DataFrame, *, dry_run: bool) -> int:
    announce_tenant(connection, tenant)
    connection.execute(
        "CREATE TEMPORARY TABLE held_events (event_id uuid, event_time timestamptz, actor_id uuid) ON COMMIT DROP"
    )
    with connection.cursor() as cursor, cursor.copy("COPY held_events FROM STDIN (FORMAT csv)") as copy:
        copy.write(held.write_csv(include_header=False))
    statement = _COUNT if dry_run else _DELETE
    (count,) = connection.execute(statement, {"district": tenant.value}).fetchone() or (0,)
    return int(count)


_PROVEN = """
    hot.district_id = %(district)s
    AND (hot.event_id, hot.event_time, hot.actor_id) IN (SELECT event_id, event_time, actor_id FROM held_events)
    AND hot.recorded_xid < (
        SELECT watermark::text::xid8 FROM app.lake_states WHERE district_id = %(district)s)
"""
_COUNT = f"SELECT count(*) FROM app.interaction_events AS hot WHERE {_PROVEN}"
_DELETE = f"""
    WITH gone AS (DELETE FROM app.interaction_events AS hot WHERE {_PROVEN} RETURNING 1)
    SELECT count(*) FROM gone
"""


def _count_before(connection: psycopg.Connection, tenant: TenantId, before: datetime) -> int:
    with connection.transaction():
        announce_tenant(connection, tenant)
        (count,) = connection.execute(
            "SELECT count(*) FROM app.interaction_events WHERE district_id = %s AND event_time < %s",
            [tenant.value, datetime(before.year, before.month, before.day, tzinfo=before.tzinfo)],
        ).fetchone() or (0,)
    return int(count)


def _drop_if_empty(connection: psycopg.Connection, chunk: sql.Identifier) -> bool:
    """Row security does not reach chunks: what the owner sees there is everybody's."""
    with connection.transaction():
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(chunk))
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(chunk)).fetchone():
            return False
        connection.execute(sql.SQL("DROP TABLE {}").format(chunk))
    return True
