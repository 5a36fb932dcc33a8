"""Tenant-locked connections of DuckDB, kept warm: opening one costs 8 ms, most of a small answer.

The lock has four bars: `allowed_directories` names one district's folder (DuckDB resolves `..` and links before it
compares), external access is off, the configuration is frozen, and memory and threads are capped. A connection can
never be unlocked again, so a pooled one serves the folder it was opened for and no other.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import duckdb

from warehouse.folder import DistrictFolder

MEMORY_LIMIT = "512MB"
THREADS = 2
IDLE_PER_DISTRICT = 4
IDLE_IN_ALL = 64
"""Some 2 MB each while nobody asks."""

_CONFIGURATION: dict[str, Any] = {
    "memory_limit": MEMORY_LIMIT,
    "threads": THREADS,
    "temp_directory": "",  # nothing spills to a folder two districts could share
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def locked_connection(folder: DistrictFolder) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that can read this district's folder only."""
    connection = duckdb.connect(":memory:", config=_CONFIGURATION)
    root = quoted(f"{folder.local_root}/")
    connection.execute(f"SET allowed_directories = [{root}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def quoted(text: str) -> str:
    """Write a string literal: paths come from settings and manifests, yet an apostrophe must not end one."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(slots=True)
class Lease:
    """A connection for one caller at a time, with the views it has been given."""

    connection: duckdb.DuckDBPyConnection
    _views: dict[str, str] = field(default_factory=dict)

    def show(self, name: str, statement: str) -> None:
        """Run the statement that makes a view, unless the view is that one already."""
        if self._views.get(name) != statement:
            self.connection.execute(statement)
            self._views[name] = statement


class ConnectionPool:
    """Idle connections by the folder they are locked to; the folder asked longest ago gives way first."""

    def __init__(self) -> None:
        self._idle: OrderedDict[str, list[Lease]] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def lease(self, folder: DistrictFolder) -> Iterator[Lease]:
        """Lend a connection locked to this folder; one whose caller failed is closed and not lent again."""
        root = str(folder.local_root)
        lease = self._take(root) or Lease(locked_connection(folder))
        try:
            yield lease
        except BaseException:
            lease.connection.close()
            raise
        self._give_back(root, lease)

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            leases = [lease for leases in self._idle.values() for lease in leases]
            self._idle.clear()
        for lease in leases:
            lease.connection.close()

    def _take(self, root: str) -> Lease | None:
        with self._lock:
            leases = self._idle.get(root)
            return leases.pop() if leases else None

    def _give_back(self, root: str, lease: Lease) -> None:
        surplus: list[Lease] = []
        with self._lock:
            own = self._idle.setdefault(root, [])
            self._idle.move_to_end(root)
            own.append(lease)
            surplus += [own.pop(0) for _ in range(len(own) - IDLE_PER_DISTRICT)]
            while sum(map(len, self._idle.values())) > IDLE_IN_ALL:
                surplus += self._idle.popitem(last=False)[1]
        for one in surplus:
            one.connection.close()


POOL = ConnectionPool()
"""Of this process."""
