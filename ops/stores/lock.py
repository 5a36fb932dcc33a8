"""One owner at a time for a folder of state."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class InUseError(Exception):
    """Another living process owns this folder."""


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file while the block runs; raise InUseError, naming the file, when another process holds it.

    The kernel frees the lock with its owner, so a killed owner leaves nothing to clean.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUseError(
                f"{path.parent} is in use by another running process (lock {path.name})"
            ) from error
        yield
