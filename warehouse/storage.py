"""Where warehouse files lie: a folder on this machine, or a bucket reached through obstore.

Both promise the same: a key holds either its old or its new content, never half of one, and `swap` lets
exactly one of several writers win.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError
from obstore.store import from_url

from core.ids import new_id


class StorageConflictError(Exception):
    """Somebody else replaced this file since it was read."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file's content and the token that proves to `swap` which content was seen."""

    content: bytes
    token: str


class Storage(Protocol):
    """Keys are relative paths with forward slashes."""

    def scratch_file(self) -> Path:
        """Name a fresh local file that `put` can move into place."""

    def read(self, key: str) -> Stored | None:
        """Return the content, or None when the key does not exist."""

    def put(self, key: str, source: Path) -> None:
        """Move a finished local file to `key`, durably and atomically."""

    def swap(self, key: str, content: bytes, expected: str | None) -> None:
        """Replace what `expected` names (None: nothing). Raises StorageConflictError when it is no longer there."""

    def copy(self, source: str, target: str) -> None:
        """Copy one key to another without reading it when the place allows that."""

    def keys(self, prefix: str) -> list[str]:
        """List the keys below a folder, sorted."""

    def delete(self, key: str) -> None:
        """Remove a key; an absent one is no error."""

    def local_path(self, key: str) -> Path | None:
        """Return where the file lies on this machine; None when it lies elsewhere."""


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """A folder. Content is written aside, flushed to disk and renamed into place."""

    root: Path

    def scratch_file(self) -> Path:
        folder = self.root / ".scratch"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / str(new_id())

    def read(self, key: str) -> Stored | None:
        try:
            content = (self.root / key).read_bytes()
        except FileNotFoundError:
            return None
        return Stored(content, hashlib.sha256(content).hexdigest())

    def put(self, key: str, source: Path) -> None:
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        _flush(source)
        source.replace(target)
        _flush(target.parent)

    def swap(self, key: str, content: bytes, expected: str | None) -> None:
        with _locked(self.root / f"{key}.lock"):
            current = self.read(key)
            if (current.token if current else None) != expected:
                raise StorageConflictError(key)
            scratch = self.scratch_file()
            scratch.write_bytes(content)
            self.put(key, scratch)

    def copy(self, source: str, target: str) -> None:
        """Link instead of copying: versions are immutable, so two names may share one content."""
        destination = self.root / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.hardlink_to(self.root / source)

    def keys(self, prefix: str) -> list[str]:
        files = (path for path in (self.root / prefix).rglob("*") if path.is_file())
        return sorted(path.relative_to(self.root).as_posix() for path in files)

    def delete(self, key: str) -> None:
        path = self.root / key
        path.unlink(missing_ok=True)
        folder = path.parent
        while folder != self.root and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def local_path(self, key: str) -> Path | None:
        return self.root / key


@dataclass(frozen=True, slots=True)
class BucketStorage:
    """An object store. Puts are atomic by nature; `swap` is one conditional put."""

    store: Any
    scratch: Path

    def scratch_file(self) -> Path:
        self.scratch.mkdir(parents=True, exist_ok=True)
        return self.scratch / str(new_id())

    def read(self, key: str) -> Stored | None:
        try:
            result = obstore.get(self.store, key)
        except FileNotFoundError:
            return None
        return Stored(bytes(result.bytes()), str(result.meta["e_tag"]))

    def put(self, key: str, source: Path) -> None:
        obstore.put(self.store, key, source)
        source.unlink()

    def swap(self, key: str, content: bytes, expected: str | None) -> None:
        mode: Any = "create" if expected is None else {"e_tag": expected}
        try:
            obstore.put(self.store, key, content, mode=mode)
        except (AlreadyExistsError, PreconditionError) as error:
            raise StorageConflictError(key) from error

    def copy(self, source: str, target: str) -> None:
        obstore.copy(self.store, source, target)

    def keys(self, prefix: str) -> list[str]:
        return sorted(item["path"] for page in obstore.list(self.store, prefix) for item in page)

    def delete(self, key: str) -> None:
        obstore.delete(self.store, key)

    def local_path(self, key: str) -> Path | None:  # noqa: ARG002 - the interface asks
        return None


def open_storage(url: str, scratch: Path) -> Storage:
    """Open a folder (`path`, `file:///path`) or a bucket (`s3://bucket/prefix` and what else obstore knows)."""
    parts = urlsplit(url)
    if parts.scheme in {"", "file"}:
        return LocalStorage(Path(parts.path if parts.scheme else url).absolute())
    return BucketStorage(from_url(url), scratch)


def _flush(path: Path) -> None:
    """Force a file, or a folder's list of names, to disk: else a power cut may keep the rename and lose the bytes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an advisory lock that dies with its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
