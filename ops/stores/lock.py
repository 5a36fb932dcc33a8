"""One owner at a time for a folder of state."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class InUseError(Exception):
    """Another living process owns this folder."""


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file while the block runs; raise InUseError, naming its owner, when another process holds it.

    The kernel frees the lock with its owner, so a killed owner leaves nothing to clean.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock_file.seek(0)
            raise InUseError(f"{path.parent} is in use by process {lock_file.read().strip()}") from error
        lock_file.truncate(0)
        lock_file.write(str(os.getpid()))
        lock_file.flush()
        yield


def holder(path: Path) -> int | None:
    """Return the pid of the process that holds the lock file now; None when nobody does."""
    try:
        with path.open("r", encoding="ascii") as lock_file:
            try:
                fcntl.flock(lock_file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock_file.read())
    except FileNotFoundError:
        return None
    return None
