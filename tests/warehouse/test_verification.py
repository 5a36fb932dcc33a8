from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from tests.warehouse.conftest import NOW, answer_rows
from warehouse import verification
from warehouse.answers import ANSWERS
from warehouse.folder import DistrictFolder
from warehouse.manifest import FileEntry, Manifest
from warehouse.reader import MartQuery, answer
from warehouse.verification import (
    FileCorruptedError,
    SchemaChangedError,
    check_file,
    scan_mart,
    verified_files,
)
from warehouse.writer import digest_of_file, write_mart

Serve = Callable[..., Manifest]


def test_one_flipped_byte_is_refused_also_after_a_good_read(folder: DistrictFolder, serve: Serve) -> None:
    manifest = serve(folder, answer_rows(100))
    query = MartQuery(("answers",), "SELECT count(*) AS rows FROM answers")
    assert answer(folder, query).rows == [{"rows": 100}]
    path = folder.local_root / manifest.marts["answers"].files[0].path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(FileCorruptedError, match="checksum"):
        answer(folder, query)


def test_a_truncated_file_is_refused(folder: DistrictFolder, serve: Serve) -> None:
    manifest = serve(folder, answer_rows(100))
    file = manifest.marts["answers"].files[0]
    path = folder.local_root / file.path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FileCorruptedError, match="checksum"):
        check_file(path, ANSWERS, file)


def _entry_of(path_in_folder: str, folder: DistrictFolder, rows: int) -> FileEntry:
    path = folder.local_root / path_in_folder
    return FileEntry(path=path_in_folder, rows=rows, bytes=path.stat().st_size, sha256=digest_of_file(path))


def test_a_dropped_column_is_refused_although_the_checksum_fits(folder: DistrictFolder, serve: Serve) -> None:
    path = serve(folder, answer_rows(5)).marts["answers"].files[0].path
    answer_rows(5).drop("outcome").write_parquet(folder.local_root / path)
    with pytest.raises(FileCorruptedError, match="columns"):
        check_file(folder.local_root / path, ANSWERS, _entry_of(path, folder, 5))


def test_a_missing_row_is_refused_although_the_checksum_fits(folder: DistrictFolder, serve: Serve) -> None:
    path = serve(folder, answer_rows(5)).marts["answers"].files[0].path
    with pytest.raises(FileCorruptedError, match="number of rows"):
        check_file(folder.local_root / path, ANSWERS, _entry_of(path, folder, 6))


def test_a_version_of_another_schema_is_not_misread(folder: DistrictFolder) -> None:
    entry = write_mart(folder, ANSWERS, answer_rows(5), version="run-1", as_of=NOW)
    changed = replace(ANSWERS, version=ANSWERS.version + 1)
    with pytest.raises(SchemaChangedError, match="answers"):
        verified_files(folder, changed, entry)


def test_a_file_is_read_through_once_and_then_remembered(
    folder: DistrictFolder, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[str] = []
    monkeypatch.setattr(verification, "_verified", {})
    monkeypatch.setattr(verification, "check_file", lambda path, *_: checks.append(path.name))
    entry = serve(folder, answer_rows(5)).marts["answers"]
    for _ in range(3):
        verified_files(folder, ANSWERS, entry)
    assert checks == ["part-0.parquet"]


def test_the_memory_of_verified_files_is_bounded(
    folder: DistrictFolder, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered: dict[tuple[str, str, int, int], None] = {}
    monkeypatch.setattr(verification, "_verified", remembered)
    monkeypatch.setattr(verification, "_REMEMBERED", 2)
    for number in range(4):
        verified_files(
            folder, ANSWERS, serve(folder, answer_rows(1), run_id=f"run-{number}").marts["answers"]
        )
    assert [fact[0].split("/")[-2] for fact in remembered] == ["v=run-2", "v=run-3"]


def test_a_mart_is_scanned_in_key_order(folder: DistrictFolder, serve: Serve) -> None:
    entry = serve(folder, answer_rows(50).reverse()).marts["answers"]
    rows = scan_mart(folder, ANSWERS, entry).collect()
    assert rows.equals(rows.sort(ANSWERS.sort_key))
    assert rows.schema == pl.Schema(ANSWERS.schema)
