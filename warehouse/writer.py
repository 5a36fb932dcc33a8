"""The atomic writer: rows in, one immutable version of a mart out.

Equal rows give equal bytes: rows are sorted by the mart's key, columns and types come from the catalogue,
row groups and compression are fixed, and nothing about the run enters the file.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from warehouse.folder import DistrictFolder
from warehouse.manifest import FileEntry, MartEntry, WarehouseError
from warehouse.mart import Mart

ROW_GROUP_ROWS = 65_536
"""Small enough that row-group statistics skip most of a file for one class, large enough to compress."""
COMPRESSION_LEVEL = 3
SINGLE_FILE = "part-0.parquet"
STAGED = "entry.json"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many rows of PostgreSQL a version does not take in, and the file that says which and why."""

    rows: int
    file: FileEntry | None


NOTHING_LEFT_OUT = LeftOut(0, None)


class RowsRefusedError(WarehouseError):
    """The rows do not fit the mart's declaration, so nothing was written."""


def write_mart(
    folder: DistrictFolder,
    mart: Mart,
    frame: pl.DataFrame,
    *,
    version: str,
    as_of: datetime,
    source_rows: int | None = None,
    left_out: LeftOut = NOTHING_LEFT_OUT,
) -> MartEntry:
    """Write one version as `<mart>/v=<version>/part-0.parquet` and stage it for publication.

    Raises RowsRefusedError when columns, types, key or district are not as the catalogue says.
    """
    file = write_file(folder, mart, frame, path=f"{mart.name}/v={version}/{SINGLE_FILE}")
    entry = MartEntry(
        mart=mart.name,
        version=version,
        schema_hash=mart.schema_hash,
        as_of=as_of,
        files=(file,),
        source_rows=source_rows,
        rejected_rows=left_out.rows,
        rejected=left_out.file,
    )
    stage(folder, entry)
    return entry


def write_file(folder: DistrictFolder, mart: Mart, frame: pl.DataFrame, *, path: str) -> FileEntry:
    """Write the rows to one file of the district's folder; same errors as `write_mart`."""
    rows = fitted(frame, mart, district_id=str(folder.tenant))
    scratch = folder.storage.scratch_file()
    rows.write_parquet(
        scratch,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        statistics=True,
        row_group_size=ROW_GROUP_ROWS,
    )
    entry = FileEntry(
        path=path, rows=rows.height, bytes=scratch.stat().st_size, sha256=digest_of_file(scratch)
    )
    folder.put(path, scratch)
    return entry


def fitted(frame: pl.DataFrame, mart: Mart, *, district_id: str) -> pl.DataFrame:
    """Return the rows in the mart's columns, types and order. Raises RowsRefusedError."""
    if set(frame.columns) != set(mart.schema):
        difference = sorted(set(frame.columns) ^ set(mart.schema))
        raise RowsRefusedError(f"{mart.name}: these columns are missing or unknown: {difference}")
    try:
        rows = frame.select(mart.schema.names()).cast(mart.schema, strict=True)
    except pl.exceptions.PolarsError as error:
        raise RowsRefusedError(f"{mart.name}: a column has the wrong type: {error}") from error
    _refuse_foreign_rows(rows, mart, district_id)
    _refuse_missing_values(rows, mart)
    if rows.select(mart.sort_key).is_duplicated().any():
        raise RowsRefusedError(f"{mart.name}: two rows share the key {mart.sort_key}")
    return rows.sort(mart.sort_key)


def stage(folder: DistrictFolder, entry: MartEntry) -> None:
    """Note a written version beside its files, for the later steps of the same run."""
    folder.put_text(_staged_path(entry.mart, entry.version), entry.model_dump_json(indent=1))


def staged_entry(folder: DistrictFolder, mart: str, version: str) -> MartEntry | None:
    """Return what a run has written of a mart, or None when it has not."""
    stored = folder.read(_staged_path(mart, version))
    return MartEntry.model_validate_json(stored.content) if stored else None


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _staged_path(mart: str, version: str) -> str:
    return f"{mart}/v={version}/{STAGED}"


def _refuse_foreign_rows(rows: pl.DataFrame, mart: Mart, district_id: str) -> None:
    foreign = rows.filter(pl.col("district_id").ne_missing(pl.lit(district_id))).height
    if foreign:
        raise RowsRefusedError(f"{mart.name}: {foreign} rows belong to another district")


def _refuse_missing_values(rows: pl.DataFrame, mart: Mart) -> None:
    counts: Mapping[str, int] = rows.select(mart.required_columns).null_count().row(0, named=True)
    empty = [name for name, count in counts.items() if count]
    if empty:
        raise RowsRefusedError(f"{mart.name}: values are missing in {empty}")
