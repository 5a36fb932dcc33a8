from pathlib import Path
from typing import Any

import pytest
from obstore.store import MemoryStore

from warehouse.folder import DistrictFolder, UnsafePathError
from warehouse.storage import BucketStorage, LocalStorage, Storage, StorageConflictError, open_storage


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return LocalStorage(tmp_path / "root")
    return BucketStorage(MemoryStore(), tmp_path / "scratch")


def _put(storage: Storage, key: str, content: bytes) -> None:
    scratch = storage.scratch_file()
    scratch.write_bytes(content)
    storage.put(key, scratch)
    assert not scratch.exists()


def _content(storage: Storage, key: str) -> bytes | None:
    stored = storage.read(key)
    return stored.content if stored else None


def test_what_is_put_is_read_listed_copied_and_deleted(storage: Storage) -> None:
    assert _content(storage, "a/x") is None
    _put(storage, "a/x", b"1")
    _put(storage, "a/b/y", b"2")
    storage.copy("a/x", "c/x")
    assert storage.keys("a") == ["a/b/y", "a/x"]
    storage.delete("a/b/y")
    storage.delete("a/b/y")
    assert (_content(storage, "a/b/y"), _content(storage, "a/x"), _content(storage, "c/x")) == (
        None,
        b"1",
        b"1",
    )


def test_of_two_writers_who_saw_the_same_content_one_wins(storage: Storage) -> None:
    storage.swap("m", b"1", None)
    seen = storage.read("m")
    assert seen is not None
    storage.swap("m", b"2", seen.token)
    with pytest.raises(StorageConflictError):
        storage.swap("m", b"3", seen.token)
    with pytest.raises(StorageConflictError):
        storage.swap("m", b"4", None)
    assert _content(storage, "m") == b"2"


def test_deleting_the_last_file_of_a_folder_removes_the_folder_and_no_more(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    _put(storage, "a/b/x", b"1")
    _put(storage, "a/y", b"2")
    storage.delete("a/b/x")
    assert ((tmp_path / "a/b").exists(), (tmp_path / "a/y").exists()) == (False, True)
    storage.delete("a/y")
    assert not (tmp_path / "a").exists()


def test_the_last_file_of_the_root_leaves_the_root(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "root")
    _put(storage, "x", b"1")
    (tmp_path / "root" / ".scratch").rmdir()
    storage.delete("x")
    assert (tmp_path / "root").exists()


@pytest.mark.parametrize("form", ["{path}", "file://{path}"])
def test_paths_and_file_urls_open_the_folder_itself(tmp_path: Path, form: str) -> None:
    assert open_storage(form.format(path=tmp_path), tmp_path) == LocalStorage(tmp_path)


def test_any_other_scheme_opens_a_bucket(tmp_path: Path) -> None:
    storage = open_storage("memory:///", tmp_path)
    assert isinstance(storage, BucketStorage)
    assert storage.local_path("x") is None


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "/etc/passwd",
        "a/../b",
        "a//b",
        "",
        "a/",
        "./a",
        "..",
        "a/*",
        "a\nb",
        "a\0b",
        "a b",
        "~/x",
        "a\\b",
    ],
)
def test_a_path_that_could_leave_the_districts_folder_has_no_key(folder: DistrictFolder, path: Any) -> None:
    with pytest.raises(UnsafePathError):
        folder.key(path)


def test_a_key_starts_with_the_district(folder: DistrictFolder) -> None:
    assert (
        folder.key("answers/v=1/part-0.parquet") == f"district_id={folder.tenant}/answers/v=1/part-0.parquet"
    )
