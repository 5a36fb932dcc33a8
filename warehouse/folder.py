"""One district's folder of the warehouse: the only handle through which its files are named.

A `DistrictFolder` is made from a typed tenant and puts `district_id=<id>/` before every path, so no code
below it can name another district's file.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from core.tenancy import TenantId
from warehouse.storage import Storage, Stored, open_storage

_SAFE_PATH = re.compile(r"[a-zA-Z0-9_=-]+(\.[a-zA-Z0-9_=-]+)*(/[a-zA-Z0-9_=-]+(\.[a-zA-Z0-9_=-]+)*)*")


class UnsafePathError(ValueError):
    """A path inside a district's folder tried to leave it."""


@dataclass(frozen=True, slots=True)
class DistrictFolder:
    """Files of one district; paths are relative to `<root>/district_id=<id>/`."""

    tenant: TenantId
    storage: Storage
    cache_root: Path

    @property
    def name(self) -> str:
        return f"district_id={self.tenant}"

    def key(self, path: str) -> str:
        """Return the storage key. Raises UnsafePathError for anything but plain nested names."""
        if not _SAFE_PATH.fullmatch(path):
            raise UnsafePathError(path)
        return f"{self.name}/{path}"

    @property
    def local_root(self) -> Path:
        """The folder on this machine that holds the district's readable files: its own, or its cache's."""
        return self.storage.local_path(self.name) or self.cache_root / self.name

    @property
    def is_mirrored(self) -> bool:
        return self.storage.local_path(self.name) is None

    def read(self, path: str) -> Stored | None:
        return self.storage.read(self.key(path))

    def put(self, path: str, source: Path) -> None:
        self.storage.put(self.key(path), source)

    def put_text(self, path: str, text: str) -> None:
        scratch = self.storage.scratch_file()
        scratch.write_text(text, encoding="utf-8")
        self.put(path, scratch)

    def swap(self, path: str, content: bytes, expected: str | None) -> None:
        self.storage.swap(self.key(path), content, expected)

    def copy(self, source: str, target: str) -> None:
        self.storage.copy(self.key(source), self.key(target))

    def paths(self, below: str) -> list[str]:
        """List the files below a folder, as paths inside the district's folder, sorted."""
        start = len(self.name) + 1
        return [key[start:] for key in self.storage.keys(self.key(below))]

    def delete(self, path: str) -> None:
        self.storage.delete(self.key(path))


@dataclass(frozen=True, slots=True)
class Warehouse:
    """The root of all districts' folders."""

    storage: Storage
    cache_root: Path

    def district(self, tenant: TenantId) -> DistrictFolder:
        return DistrictFolder(tenant, self.storage, self.cache_root)


def open_warehouse(url: str, cache_path: Path) -> Warehouse:
    """Open the warehouse at a folder or bucket; `cache_path` keeps local copies of a bucket's files."""
    cache = cache_path.absolute()
    return Warehouse(open_storage(url, cache / ".scratch"), cache)
