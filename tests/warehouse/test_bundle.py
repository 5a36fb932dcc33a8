import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from tests.warehouse.conftest import NOW, OURS, THEIRS, answer_rows, event_rows
from warehouse.answers import ANSWERS
from warehouse.bundle import ROOTS, BundleManifest, read_bundle, stored_problems, verify_bundle
from warehouse.events import EVENTS
from warehouse.exports import DATASETS, Profile
from warehouse.exports_files import file_facts, write_parquet
from warehouse.folder import DistrictFolder
from warehouse.manifest import Manifest, MartEntry, publish
from warehouse.pseudonyms import Pseudonyms
from warehouse.snapshots import Written, write_record_bundle
from warehouse.writer import write_file, write_mart

KEYS = Pseudonyms(b"a secret of this district alone")
YEAR = "school_year=2026-2027"
ANSWERS_PART = f"answers/v=1/district_id={OURS}/{YEAR}/date=2026-11-02/part-run-1-0.parquet"
Export = Callable[..., Written]


@pytest.fixture
def export(folder: DistrictFolder) -> Export:
    """Publish answers and a day of events, and write the bundle of it."""

    def write(run_id: str = "run-1", *, answers: int = 6, days: int = 0) -> Written:
        as_of = NOW + timedelta(days=days)
        rows = write_mart(folder, ANSWERS, answer_rows(answers), version=run_id, as_of=as_of)
        day = write_file(
            folder, EVENTS, event_rows(NOW, 3), path=f"events/v={run_id}/day=2026-11-02/part-0.parquet"
        )
        events = MartEntry(
            mart="events", version=run_id, schema_hash=EVENTS.schema_hash, as_of=as_of, files=(day,)
        )
        served: Manifest = publish(folder, [rows, events], run_id=run_id, computed_at=as_of)
        return write_record_bundle(folder, served, KEYS)

    return write


@pytest.fixture
def bundle(folder: DistrictFolder, export: Export) -> Path:
    export()
    return folder.local_root / "exports"


def _paths(manifest: BundleManifest) -> Iterator[tuple[str, str]]:
    for file in manifest.files:
        yield str(file.date), Path(file.path).name


def test_files_lie_by_dataset_major_version_district_school_year_and_date(bundle: Path) -> None:
    assert (bundle / ANSWERS_PART).is_file()
    assert {path.name for path in bundle.iterdir()} == {
        "answers",
        "events",
        "data-dictionary.csv",
        "data-dictionary.md",
        "manifest.json",
        "SHA256SUMS",
    }


def test_a_dataset_opens_with_plain_duckdb_polars_and_pandas_as_a_folder(bundle: Path) -> None:
    counted = duckdb.sql(f"SELECT count(*), any_value(school_year) FROM '{bundle}/answers/**/*.parquet'")
    assert counted.fetchall() == [(6, "2026-2027")]
    assert pl.read_parquet(bundle / "answers")["district_id"].to_list() == [str(OURS)] * 6
    rows = pd.read_parquet(bundle / "answers")
    assert (len(rows), set(rows["district_id"])) == (6, {str(OURS)})


def test_a_whole_bundle_verifies(bundle: Path) -> None:
    report = verify_bundle(bundle)
    assert (report.district_id, report.rows, report.problems) == (str(OURS), {"answers": 6, "events": 3}, ())


def test_students_stand_under_the_same_key_in_answers_and_events_and_nowhere_under_their_id(
    bundle: Path,
) -> None:
    answers = pl.read_parquet(bundle / ANSWERS_PART)
    events = pl.read_parquet(bundle / "events" / "**" / "*.parquet")
    assert KEYS.key("person", "student-1") in answers["student_key"]
    assert set(events["actor_key"]) == {KEYS.key("person", "student-1")}
    whole = b"".join(path.read_bytes() for path in bundle.rglob("*") if path.is_file())
    assert b"student-1" not in whole
    assert not {"payload", "object_id", "student_id", "answer_id"} & {*answers.columns, *events.columns}


def test_every_column_is_explained_in_the_file_and_in_both_dictionaries(bundle: Path) -> None:
    told = {one["name"]: one for one in file_facts(bundle / ANSWERS_PART)["columns"]}
    assert list(told) == pl.read_parquet_schema(bundle / ANSWERS_PART).names()
    assert told["time_spent_ms"]["unit"] == "milliseconds"
    table = pl.read_csv(bundle / "data-dictionary.csv")
    page = (bundle / "data-dictionary.md").read_text()
    for dataset in DATASETS[Profile.RECORD].values():
        own = table.filter(pl.col("dataset") == dataset.name)
        assert own["column"].to_list() == list(dataset.schema)
        assert own["description"].null_count() == 0
        assert all(f"| `{name}` |" in page for name in dataset.schema)


def test_a_later_publication_of_the_same_day_replaces_what_changed_and_keeps_the_rest(
    bundle: Path, export: Export
) -> None:
    later = export("run-2", answers=8)
    assert (later.written_files, later.removed_files) == (1, 1)
    assert sorted(_paths(later.manifest)) == [
        ("2026-11-02", "part-run-1-0.parquet"),
        ("2026-11-02", "part-run-2-0.parquet"),
    ]
    assert verify_bundle(bundle).rows == {"answers": 8, "events": 3}
    assert verify_bundle(bundle).problems == ()


def test_equal_facts_write_nothing_anew(bundle: Path, export: Export) -> None:
    before = (bundle / ANSWERS_PART).stat().st_mtime_ns
    again = export("run-2")
    assert (again.written_files, again.removed_files) == (0, 0)
    assert (bundle / ANSWERS_PART).stat().st_mtime_ns == before
    assert again.manifest.run_id == "run-2"


def test_the_newest_three_days_stay_and_verify(bundle: Path, export: Export) -> None:
    for day in (1, 2, 3):
        last = export(f"run-{day + 1}", days=day, answers=6 + day)
    assert {day for day, _ in _paths(last.manifest)} == {"2026-11-03", "2026-11-04", "2026-11-05"}
    assert [str(one.date) for one in last.manifest.snapshots] == ["2026-11-05", "2026-11-04", "2026-11-03"]
    report = verify_bundle(bundle)
    assert (report.rows["answers"], report.problems) == (9, ())


def test_what_a_run_that_died_left_behind_goes_with_the_next(bundle: Path, export: Export) -> None:
    stray = bundle / ANSWERS_PART.replace("run-1", "dead")
    stray.write_bytes(b"half")
    assert verify_bundle(bundle).problems == (f"{stray.relative_to(bundle)} is not part of the bundle",)
    export("run-2")
    assert verify_bundle(bundle).problems == ()


def test_a_file_that_was_lost_is_written_anew(bundle: Path, export: Export) -> None:
    (bundle / ANSWERS_PART).unlink()
    export("run-2")
    assert verify_bundle(bundle).problems == ()


def _replace(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


def test_a_flipped_byte_is_found(bundle: Path) -> None:
    content = bytearray((bundle / ANSWERS_PART).read_bytes())
    content[len(content) // 2] ^= 1
    _replace(bundle / ANSWERS_PART, bytes(content))
    assert f"{ANSWERS_PART} has been changed" in verify_bundle(bundle).problems


@pytest.mark.parametrize("name", ["data-dictionary.md", "data-dictionary.csv"])
def test_a_changed_or_missing_dictionary_is_found(bundle: Path, name: str) -> None:
    (bundle / name).write_text("nothing")
    assert verify_bundle(bundle).problems == (f"{name} has been changed",)
    (bundle / name).unlink()
    assert verify_bundle(bundle).problems == (f"{name} is missing",)


def test_missing_and_foreign_files_are_found(bundle: Path) -> None:
    (bundle / ANSWERS_PART).unlink()
    (bundle / "extra.csv").write_text("1")
    assert verify_bundle(bundle).problems == (
        f"{ANSWERS_PART} is missing",
        "extra.csv is not part of the bundle",
    )


def test_checksums_that_were_forged_too_do_not_hide_missing_or_foreign_rows(bundle: Path) -> None:
    path = bundle / ANSWERS_PART
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    path.unlink()
    dataset = DATASETS[Profile.RECORD]["answers"]
    write_parquet(path, dataset, [dataset.schema.to_frame()], district_id=str(THEIRS))
    for name in ("SHA256SUMS", "manifest.json"):
        text = (bundle / name).read_text()
        (bundle / name).write_text(text.replace(old, hashlib.sha256(path.read_bytes()).hexdigest()))
    assert verify_bundle(bundle).problems == (
        f"{ANSWERS_PART} has 0 rows, not 6",
        f"{ANSWERS_PART} carries another district's rows",
    )


def test_checksums_that_disagree_with_the_manifest_are_found(bundle: Path) -> None:
    sums = (bundle / "SHA256SUMS").read_text()
    (bundle / "SHA256SUMS").write_text("".join(sums.splitlines(keepends=True)[1:]))
    assert verify_bundle(bundle).problems == (
        f"{ANSWERS_PART} has another checksum in SHA256SUMS than in manifest.json",
    )


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_bundle(tmp_path)


def test_a_damaged_manifest_is_an_error_and_the_next_bundle_mends_it(bundle: Path, export: Export) -> None:
    (bundle / "manifest.json").write_text("{}")
    with pytest.raises(ValueError, match="BundleManifest"):
        verify_bundle(bundle)
    export("run-2")
    assert verify_bundle(bundle).problems == ()


def test_another_districts_manifest_is_never_built_upon(
    bundle: Path, folder: DistrictFolder, foreign_folder: DistrictFolder
) -> None:
    foreign_folder.put_text("exports/manifest.json", (bundle / "manifest.json").read_text())
    assert read_bundle(foreign_folder, Profile.RECORD) is None
    assert read_bundle(folder, Profile.RECORD) is not None


def test_a_bundle_says_what_it_lacks_of_a_publication(folder: DistrictFolder, bundle: Path) -> None:
    assert stored_problems(folder, Profile.RECORD, "run-1") == []
    (bundle / ANSWERS_PART).unlink()
    assert stored_problems(folder, Profile.RECORD, "run-2") == [
        f"{ANSWERS_PART} is missing",
        "the record bundle is of the publication run-1, not run-2",
    ]
    assert stored_problems(folder, Profile.AGGREGATE, "run-1") == ["there is no aggregate bundle"]
    assert ROOTS[Profile.AGGREGATE] == "exports-aggregate"
