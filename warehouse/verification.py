"""Is a file what its manifest says? Checked once per file and content, remembered by the process."""

from pathlib import Path
from threading import Lock

import polars as pl

from warehouse.folder import DistrictFolder
from warehouse.manifest import FileEntry, MartEntry, WarehouseError
from warehouse.mart import Mart
from warehouse.mirror import mirrored_file
from warehouse.writer import digest_of_file

_REMEMBERED = 20_000
"""Files remembered as verified: a year of day files for fifty districts in a few megabytes."""

_verified: dict[tuple[str, str, int, int], None] = {}
_verified_lock = Lock()


class FileCorruptedError(WarehouseError):
    """A served file is not the one that was published."""


class SchemaChangedError(WarehouseError):
    """A served version was written under another declaration of the mart; the next run replaces it."""


def verified_files(folder: DistrictFolder, mart: Mart, entry: MartEntry) -> list[Path]:
    """Return the version's files on this machine, each proven whole.

    Raises SchemaChangedError, FileCorruptedError, and FileNotFoundError when the version has been removed.
    """
    if entry.schema_hash != mart.schema_hash:
        raise SchemaChangedError(f"{mart.name} was written under another schema; run the pipeline")
    return [_verified_file(folder, mart, file) for file in entry.files]


def scan_mart(folder: DistrictFolder, mart: Mart, entry: MartEntry) -> pl.LazyFrame:
    """Read a verified version lazily, rows in key order within each file."""
    files = verified_files(folder, mart, entry)
    return pl.scan_parquet(files, hive_partitioning=False)


def whole_file(folder: DistrictFolder, file: FileEntry) -> Path:
    """Return one file on this machine, proven to be the published one, whatever its schema.

    Raises FileCorruptedError, and FileNotFoundError when it has been removed.
    """
    path = _on_this_machine(folder, file)
    _check_content(path, file)
    return path


def check_file(path: Path, mart: Mart, file: FileEntry) -> None:
    """Compare size, checksum, schema and row count with the manifest. Raises FileCorruptedError."""
    if path.stat().st_size != file.bytes or digest_of_file(path) != file.sha256:
        raise FileCorruptedError(
            f"{file.path}: the checksum differs from the manifest; rebuild the warehouse"
        )
    if pl.read_parquet_schema(path) != mart.schema:
        raise FileCorruptedError(f"{file.path}: the columns differ from the catalogue")
    if pl.scan_parquet(path).select(pl.len()).collect().item() != file.rows:
        raise FileCorruptedError(f"{file.path}: the number of rows differs from the manifest")


def _verified_file(folder: DistrictFolder, mart: Mart, file: FileEntry) -> Path:
    path = _on_this_machine(folder, file)
    state = path.stat()
    fact = (str(path), file.sha256, state.st_mtime_ns, state.st_size)
    with _verified_lock:
        known = fact in _verified
    if not known:
        check_file(path, mart, file)
        _remember(fact)
    return path


def _on_this_machine(folder: DistrictFolder, file: FileEntry) -> Path:
    return mirrored_file(folder, file) if folder.is_mirrored else folder.local_root / file.path


def _check_content(path: Path, file: FileEntry) -> None:
    if path.stat().st_size != file.bytes or digest_of_file(path) != file.sha256:
        raise FileCorruptedError(
            f"{file.path}: the checksum differs from the manifest; rebuild the warehouse"
        )


def _remember(fact: tuple[str, str, int, int]) -> None:
    with _verified_lock:
        while len(_verified) >= _REMEMBERED:
            del _verified[next(iter(_verified))]
        _verified[fact] = None
