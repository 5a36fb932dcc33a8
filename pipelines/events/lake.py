"""The event lake's day files: immutable, one per day, replaced by a new version when events of that day arrive."""

from datetime import date

import polars as pl

from warehouse.events import EVENTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import FileEntry, MartEntry
from warehouse.verification import whole_file
from warehouse.writer import SINGLE_FILE, write_file


def extend_lake(
    folder: DistrictFolder, served: MartEntry | None, events: pl.DataFrame, *, version: str, rewrite: bool
) -> tuple[FileEntry, ...]:
    """Return the files of the lake after `events`, each event once, in the order of days.

    An event carries its time in its id, so a repeat always falls into the day file of the original. Days without
    new events keep their file, unless `rewrite` asks for all of them (a rebuild, or a changed schema).
    """
    files = {_day_of(file): file for file in served.files} if served else {}
    arrived = {str(day): rows for (day,), rows in events.group_by(pl.col("event_time").dt.date())}
    for day in sorted(arrived.keys() | (files.keys() if rewrite else set())):
        parts = [_rows_of(folder, files[day])] if day in files else []
        parts += [arrived[day]] if day in arrived else []
        rows = pl.concat(parts).unique(EVENTS.sort_key, keep="first", maintain_order=True)
        path = f"{EVENTS.name}/v={version}/day={day}/{SINGLE_FILE}"
        files[day] = write_file(folder, EVENTS, rows, path=path)
    files.pop(_NO_DAY, None)
    return tuple(file for _, file in sorted(files.items())) or (_empty_file(folder, version),)


def rows_since(lake: MartEntry, first: date) -> int:
    """Return how many events the day files from `first` on hold, by the manifest: nothing is read."""
    return sum(file.rows for file in lake.files if _day_of(file) >= first.isoformat())


_NO_DAY = ""
"""Place of the one file without rows that stands for a lake without events."""


def _day_of(file: FileEntry) -> str:
    folder = file.path.split("/")[-2]
    return (
        date.fromisoformat(folder.removeprefix("day=")).isoformat() if folder.startswith("day=") else _NO_DAY
    )


def _rows_of(folder: DistrictFolder, file: FileEntry) -> pl.DataFrame:
    """Read a day written under this or an older, narrower schema: what it did not have yet is empty."""
    rows = pl.read_parquet(whole_file(folder, file), hive_partitioning=False)
    missing = [column.name for column in EVENTS.columns if column.name not in rows.columns]
    return (
        rows.with_columns(pl.lit(None).alias(name) for name in missing)
        .select(EVENTS.schema.names())
        .cast(EVENTS.schema)
    )


def _empty_file(folder: DistrictFolder, version: str) -> FileEntry:
    return write_file(folder, EVENTS, EVENTS.empty(), path=f"{EVENTS.name}/v={version}/{SINGLE_FILE}")
