"""Where uploaded bytes lie until they are read: one folder per district, names nobody can guess or choose."""

import asyncio
import hashlib
import secrets
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import structlog
from obstore.exceptions import BaseError

from api.files.receiving import Received
from core.config import Settings
from core.errors import UnavailableError
from core.tenancy import TenantId
from warehouse.storage import Storage, open_storage

logger = structlog.get_logger(__name__)

_FOLDER = "uploads"
_TROUBLE = (OSError, BaseError)


class StorageUnavailableError(UnavailableError):
    """Files cannot be stored at the moment; nothing was kept, send the file again."""

    code = "storage_unavailable"


def storage_of(settings: Settings) -> Storage:
    """Open the place of uploaded files, as settings name it."""
    return open_storage(settings.storage_url, Path(tempfile.gettempdir()) / "homeroom-scratch")


def prefix_of(tenant: TenantId) -> str:
    return f"{_FOLDER}/district_id={tenant}"


def new_object_key(tenant: TenantId, now: datetime) -> str:
    """Name an object: nothing of its content, owner or label is in the key, only when it was made, and chance."""
    return f"{prefix_of(tenant)}/{int(now.timestamp())}-{secrets.token_hex(16)}"


def made_at(key: str) -> datetime:
    """Return when a key was made; long ago for a name that is none of ours."""
    seconds = key.rpartition("/")[2].partition("-")[0]
    return datetime.fromtimestamp(int(seconds) if seconds.isdecimal() else 0, tz=UTC)


async def store(storage: Storage, key: str, received: Received) -> None:
    """Copy a received file to `key` and read it back. Raises StorageUnavailableError, and then nothing is left."""
    try:
        await asyncio.to_thread(_put, storage, key, received)
    except _TROUBLE as error:
        logger.warning("upload_not_stored", error=type(error).__name__)
        await _give_up(storage, key)
        raise StorageUnavailableError from error


def _put(storage: Storage, key: str, received: Received) -> None:
    scratch = storage.scratch_file()
    try:
        shutil.copyfile(received.path, scratch)
        storage.put(key, scratch)
    finally:
        scratch.unlink(missing_ok=True)
    stored = storage.read(key)
    if stored is None or hashlib.sha256(stored.content).hexdigest() != received.sha256:
        raise OSError("the store did not keep what it was given")


async def _give_up(storage: Storage, key: str) -> None:
    try:
        await asyncio.to_thread(storage.delete, key)
    except _TROUBLE as error:  # the sweeper finds an object without a row
        logger.warning("upload_left_behind", error=type(error).__name__)


async def fetch(storage: Storage, key: str, target: Path) -> bool:
    """Copy an object to a local file; False when it is gone. Raises StorageUnavailableError."""
    try:
        stored = await asyncio.to_thread(storage.read, key)
    except _TROUBLE as error:
        raise StorageUnavailableError from error
    if stored is None:
        return False
    await asyncio.to_thread(target.write_bytes, stored.content)
    return True


async def remove(storage: Storage, key: str) -> None:
    """Remove an object; one that is gone already is no trouble. Raises StorageUnavailableError."""
    try:
        await asyncio.to_thread(storage.delete, key)
    except FileNotFoundError:
        return
    except _TROUBLE as error:
        raise StorageUnavailableError from error


async def stored_keys(storage: Storage, tenant: TenantId) -> list[str]:
    """List a district's objects. Raises StorageUnavailableError."""
    try:
        return await asyncio.to_thread(storage.keys, prefix_of(tenant))
    except _TROUBLE as error:
        raise StorageUnavailableError from error
