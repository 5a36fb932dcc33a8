"""Uploaded bytes in their place: whole or not at all, and never where a name would put them."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.files.objects import (
    StorageUnavailableError,
    fetch,
    made_at,
    new_object_key,
    remove,
    store,
    stored_keys,
)
from api.files.receiving import Received
from core.ids import new_id
from core.tenancy import TenantId
from warehouse.storage import LocalStorage

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
TENANT = TenantId.from_command_line(new_id())


class Forgetful(LocalStorage):
    """Loses the last byte of whatever it keeps."""

    def put(self, key: str, source: Path) -> None:
        source.write_bytes(source.read_bytes()[:-1])
        super().put(key, source)


@pytest.fixture
def received(tmp_path: Path) -> Received:
    path = tmp_path / "upload"
    path.write_bytes(b"content")
    return Received(path, "../../a.pdf", 7, hashlib.sha256(b"content").hexdigest())


async def test_what_is_stored_is_found_again_and_gone_when_removed(
    tmp_path: Path, received: Received
) -> None:
    storage, key = LocalStorage(tmp_path / "store"), new_object_key(TENANT, NOW)
    await store(storage, key, received)
    assert await stored_keys(storage, TENANT) == [key]
    assert await fetch(storage, key, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"content"
    await remove(storage, key)
    await remove(storage, key)
    assert not await fetch(storage, key, tmp_path / "copy")
    assert not [path for path in (tmp_path / "store").rglob("*") if path.is_file()]


async def test_a_store_that_keeps_something_else_keeps_nothing(tmp_path: Path, received: Received) -> None:
    storage = Forgetful(tmp_path / "store")
    with pytest.raises(StorageUnavailableError) as caught:
        await store(storage, new_object_key(TENANT, NOW), received)
    assert caught.value.status == 503
    assert await stored_keys(storage, TENANT) == []


async def test_a_store_that_is_away_is_said_to_be(tmp_path: Path, received: Received) -> None:
    (tmp_path / "store").write_bytes(b"no folder")
    with pytest.raises(StorageUnavailableError):
        await store(LocalStorage(tmp_path / "store"), new_object_key(TENANT, NOW), received)


def test_keys_are_of_the_district_and_never_the_same() -> None:
    keys = {new_object_key(TENANT, NOW) for _ in range(100)}
    assert len(keys) == 100
    assert {made_at(key) for key in keys} == {NOW}
    assert made_at("uploads/x/stray").year == 1970
    assert {key.rpartition("/")[0] for key in keys} == {f"uploads/district_id={TENANT}"}
