"""Folders for bytes that may not stay: gone when their block ends, and found again when their process was killed."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "homeroom-scratch-"
LONGEST_SECONDS = 3_600
"""Nothing of ours works on one file for so long."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield an empty folder of this process; whatever is in it is removed when the block ends."""
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def remove_forsaken_folders() -> int:
    """Remove the folders of processes that are no more, and what is older than an hour; returns how many."""
    forsaken = [path for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _is_forsaken(path)]
    for path in forsaken:
        shutil.rmtree(path, ignore_errors=True)
    return len(forsaken)


def remove_old_files(folder: Path) -> int:
    """Remove the files of a folder that nobody has touched for an hour; returns how many."""
    old = [path for path in folder.glob("*") if path.is_file() and _is_old(path)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _is_forsaken(path: Path) -> bool:
    owner = path.name.removeprefix(_PREFIX).partition("-")[0]
    return _is_old(path) or not (owner.isdecimal() and _is_alive(int(owner)))


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > LONGEST_SECONDS
    except FileNotFoundError:  # its owner was quicker
        return False


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
