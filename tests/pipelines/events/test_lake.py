import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from core.tenancy import TenantId
from pipelines.events.lake import extend_lake, rows_since
from warehouse.events import EVENTS
from warehouse.folder import DistrictFolder, open_warehouse
from warehouse.manifest import FileEntry, MartEntry
from warehouse.verification import FileCorruptedError

MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
OURS = TenantId.from_partition_key("01900000-0000-7000-8000-00000000000a")


@pytest.fixture
def lake(tmp_path: Path) -> DistrictFolder:
    return open_warehouse(str(tmp_path), tmp_path).district(OURS)


def events_of(day: datetime, *names: str) -> pl.DataFrame:
    blank = dict.fromkeys(EVENTS.schema.names())
    given = {
        "district_id": str(OURS),
        "event_time": day,
        "actor_id": "ana",
        "verb": "viewed",
        "object_type": "page",
        "occurred_at": day,
        "received_at": day,
        "payload": "{}",
    }
    rows = [blank | given | {"event_id": name} for name in names]
    return pl.DataFrame(rows, schema=EVENTS.schema)


def entry_of(files: tuple[FileEntry, ...]) -> MartEntry:
    return MartEntry(mart="events", version="v", schema_hash=EVENTS.schema_hash, as_of=MONDAY, files=files)


def names_in(lake: DistrictFolder, file: FileEntry) -> list[str]:
    return pl.read_parquet(lake.local_root / file.path)["event_id"].to_list()


def test_each_day_has_its_file_and_each_event_counts_once(lake: DistrictFolder) -> None:
    arrived = pl.concat([events_of(TUESDAY, "c"), events_of(MONDAY, "b", "a", "b")])
    files = extend_lake(lake, None, arrived, version="run-1", rewrite=False)
    assert [file.path.split("/")[2] for file in files] == ["day=2026-11-02", "day=2026-11-03"]
    assert [names_in(lake, file) for file in files] == [["a", "b"], ["c"]]


def test_a_late_or_repeated_event_joins_its_own_day_and_leaves_the_other_file_alone(
    lake: DistrictFolder,
) -> None:
    first = extend_lake(
        lake,
        None,
        pl.concat([events_of(MONDAY, "a"), events_of(TUESDAY, "c")]),
        version="run-1",
        rewrite=False,
    )
    second = extend_lake(lake, entry_of(first), events_of(MONDAY, "a", "b"), version="run-2", rewrite=False)
    assert names_in(lake, second[0]) == ["a", "b"]
    assert second[1] == first[1]


def test_batches_in_any_order_give_the_bytes_of_one_batch(lake: DistrictFolder) -> None:
    together = extend_lake(lake, None, events_of(MONDAY, "a", "b", "c"), version="run-1", rewrite=False)
    half = extend_lake(lake, None, events_of(MONDAY, "c", "a"), version="run-2", rewrite=False)
    apart = extend_lake(lake, entry_of(half), events_of(MONDAY, "b", "a"), version="run-3", rewrite=False)
    assert apart[0].sha256 == together[0].sha256


def test_a_rewrite_renews_every_day_with_the_same_bytes(lake: DistrictFolder) -> None:
    first = extend_lake(
        lake,
        None,
        pl.concat([events_of(MONDAY, "a"), events_of(TUESDAY, "c")]),
        version="run-1",
        rewrite=False,
    )
    second = extend_lake(lake, entry_of(first), EVENTS.empty(), version="run-2", rewrite=True)
    assert [file.sha256 for file in second] == [file.sha256 for file in first]
    assert all("/v=run-2/" in file.path for file in second)


def test_a_day_written_before_a_column_existed_is_read_with_that_column_empty(lake: DistrictFolder) -> None:
    (old,) = extend_lake(lake, None, events_of(MONDAY, "a"), version="run-1", rewrite=False)
    path = lake.local_root / old.path
    pl.read_parquet(path).drop("duration_ms").write_parquet(path)
    content = path.read_bytes()
    narrow = old.model_copy(update={"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    (new,) = extend_lake(lake, entry_of((narrow,)), events_of(MONDAY, "b"), version="run-2", rewrite=True)
    assert names_in(lake, new) == ["a", "b"]
    assert pl.read_parquet_schema(lake.local_root / new.path) == EVENTS.schema


def test_a_damaged_day_is_refused_instead_of_being_written_on(lake: DistrictFolder) -> None:
    files = extend_lake(lake, None, events_of(MONDAY, "a"), version="run-1", rewrite=False)
    path = lake.local_root / files[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(FileCorruptedError):
        extend_lake(lake, entry_of(files), events_of(MONDAY, "b"), version="run-2", rewrite=False)


def test_a_lake_without_events_is_one_empty_file_that_the_first_event_replaces(lake: DistrictFolder) -> None:
    empty = extend_lake(lake, None, EVENTS.empty(), version="run-1", rewrite=False)
    assert [file.rows for file in empty] == [0]
    files = extend_lake(lake, entry_of(empty), events_of(MONDAY, "a"), version="run-2", rewrite=True)
    assert [file.rows for file in files] == [1]


def test_rows_are_counted_from_a_day_on(lake: DistrictFolder) -> None:
    arrived = pl.concat([events_of(MONDAY, "a", "b"), events_of(TUESDAY, "c")])
    entry = entry_of(extend_lake(lake, None, arrived, version="run-1", rewrite=False))
    assert rows_since(entry, MONDAY.date()) == 3
    assert rows_since(entry, TUESDAY.date()) == 1
