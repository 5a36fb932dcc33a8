from collections.abc import Callable
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from tests.warehouse.conftest import OURS, answer_rows
from warehouse.folder import DistrictFolder, Warehouse
from warehouse.manifest import Manifest
from warehouse.mirror import mirrored_file
from warehouse.reader import MartQuery, answer
from warehouse.storage import BucketStorage
from warehouse.verification import FileCorruptedError

Serve = Callable[..., Manifest]
COUNT_ROWS = MartQuery(marts=("answers",), sql="SELECT count(*) AS rows FROM answers")


@pytest.fixture
def bucket_folder(tmp_path: Path) -> DistrictFolder:
    cache = tmp_path / "cache"
    return Warehouse(BucketStorage(MemoryStore(), cache / ".scratch"), cache).district(OURS)


def _cached(folder: DistrictFolder) -> list[str]:
    return [path.relative_to(folder.local_root).as_posix() for path in folder.local_root.rglob("*.parquet")]


def test_a_buckets_mart_is_fetched_once_into_the_districts_own_cache(
    bucket_folder: DistrictFolder, serve: Serve
) -> None:
    manifest = serve(bucket_folder, answer_rows(4))
    assert answer(bucket_folder, COUNT_ROWS).rows == [{"rows": 4}]
    file = manifest.marts["answers"].files[0]
    assert _cached(bucket_folder) == [file.path]
    bucket_folder.delete(file.path)
    assert answer(bucket_folder, COUNT_ROWS).rows == [{"rows": 4}]


def test_a_new_publication_replaces_the_cached_files(bucket_folder: DistrictFolder, serve: Serve) -> None:
    serve(bucket_folder, answer_rows(4))
    answer(bucket_folder, COUNT_ROWS)
    manifest = serve(bucket_folder, answer_rows(5), run_id="run-2")
    assert answer(bucket_folder, COUNT_ROWS).rows == [{"rows": 5}]
    assert answer(bucket_folder, COUNT_ROWS).rows == [{"rows": 5}]
    assert _cached(bucket_folder) == [manifest.marts["answers"].files[0].path]


def test_a_file_the_bucket_lost_is_an_error(bucket_folder: DistrictFolder, serve: Serve) -> None:
    file = serve(bucket_folder, answer_rows(4)).marts["answers"].files[0]
    bucket_folder.delete(file.path)
    with pytest.raises(FileNotFoundError):
        mirrored_file(bucket_folder, file)


def test_a_file_damaged_on_the_way_is_refused(bucket_folder: DistrictFolder, serve: Serve) -> None:
    file = serve(bucket_folder, answer_rows(4)).marts["answers"].files[0]
    scratch = bucket_folder.storage.scratch_file()
    scratch.write_bytes(b"x" * file.bytes)
    bucket_folder.put(file.path, scratch)
    with pytest.raises(FileCorruptedError):
        answer(bucket_folder, COUNT_ROWS)
