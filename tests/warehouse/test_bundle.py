from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.warehouse.conftest import NOW, THEIRS, answer_rows, event_rows
from warehouse.answers import ANSWERS
from warehouse.bundle import remove_old_bundles, verify_bundle, write_bundle
from warehouse.events import EVENTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import Manifest, MartEntry, publish
from warehouse.writer import digest_of_file, write_file, write_mart

Serve = Callable[..., Manifest]


@pytest.fixture
def manifest(folder: DistrictFolder) -> Manifest:
    answers = write_mart(folder, ANSWERS, answer_rows(6), version="run-1", as_of=NOW)
    day = write_file(folder, EVENTS, event_rows(NOW, 3), path="events/v=run-1/day=2026-11-02/part-0.parquet")
    events = MartEntry(
        mart="events", version="run-1", schema_hash=EVENTS.schema_hash, as_of=NOW, files=(day,)
    )
    return publish(folder, [answers, events], run_id="run-1", computed_at=NOW)


@pytest.fixture
def bundle(folder: DistrictFolder, manifest: Manifest) -> Path:
    return folder.local_root / write_bundle(folder, manifest)


def test_a_bundle_opens_with_plain_duckdb_and_polars(bundle: Path) -> None:
    assert duckdb.sql(f"SELECT count(*) FROM '{bundle}/answers.parquet'").fetchall() == [(6,)]
    assert pl.read_parquet(bundle / "events" / "2026-11-02.parquet").height == 3
    assert "`is_first_graded`" in (bundle / "data-dictionary.md").read_text()


def test_a_whole_bundle_verifies(bundle: Path, folder: DistrictFolder) -> None:
    report = verify_bundle(bundle)
    assert (report.district_id, report.rows, report.problems) == (
        str(folder.tenant),
        {"answers": 6, "events": 3},
        (),
    )


def test_writing_the_same_publication_again_changes_nothing(
    bundle: Path, folder: DistrictFolder, manifest: Manifest
) -> None:
    before = (bundle / "SHA256SUMS").stat().st_mtime_ns
    write_bundle(folder, manifest)
    assert (bundle / "SHA256SUMS").stat().st_mtime_ns == before


def test_a_bundle_whose_run_died_is_written_anew(
    bundle: Path, folder: DistrictFolder, manifest: Manifest
) -> None:
    (bundle / "SHA256SUMS").unlink()
    (bundle / "half.parquet").write_bytes(b"half")
    write_bundle(folder, manifest)
    assert verify_bundle(bundle).problems == ()


def _replace(path: Path, content: bytes) -> None:
    path.unlink()  # the served mart shares the file; a district's copy would not
    path.write_bytes(content)


def test_every_kind_of_damage_is_named(bundle: Path) -> None:
    _replace(bundle / "answers.parquet", b"x" + (bundle / "answers.parquet").read_bytes()[1:])
    (bundle / "data-dictionary.md").unlink()
    (bundle / "extra.csv").write_text("1")
    assert verify_bundle(bundle).problems == (
        "data-dictionary.md is missing",
        "extra.csv is not part of the bundle",
        "answers.parquet has been changed",
    )


def test_checksums_that_were_forged_too_do_not_hide_missing_or_foreign_rows(bundle: Path) -> None:
    path = bundle / "answers.parquet"
    old = digest_of_file(path)
    path.unlink()
    answer_rows(2, tenant=THEIRS).write_parquet(path)
    sums = bundle / "SHA256SUMS"
    sums.write_text(sums.read_text().replace(old, digest_of_file(path)))
    assert verify_bundle(bundle).problems == (
        "answers.parquet has 2 rows, not 6",
        "answers.parquet carries another district's rows",
    )


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_bundle(tmp_path)


def test_only_the_newest_bundles_are_kept_and_a_broken_one_goes_first(folder: DistrictFolder) -> None:
    entry = write_mart(folder, ANSWERS, answer_rows(1), version="run-0", as_of=NOW)
    for number in (3, 1, 2):
        time = NOW + timedelta(hours=number)
        write_bundle(folder, publish(folder, [entry], run_id=f"run-{number}", computed_at=time))
    folder.delete("exports/v=run-2/SHA256SUMS")
    assert remove_old_bundles(folder, keep=2) == ["exports/v=run-2"]
    assert {path.split("/")[1] for path in folder.paths("exports")} == {"v=run-1", "v=run-3"}
