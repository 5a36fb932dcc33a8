"""Remembering our children on disk, so that the next start can end what a killed supervisor left behind."""

import json
import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from ops.stack.process import kill_group

_SAME_START_SECONDS = 2.0  # the kernel counts in ticks, and the clock may be stepped
_GRACE_SECONDS = 5.0


def remember(run_directory: Path, name: str, pid: int) -> None:
    """Note that `name` runs as `pid`, with its start time: a number alone soon belongs to somebody else."""
    with suppress(psutil.NoSuchProcess):
        started = psutil.Process(pid).create_time()
        record = json.dumps({"name": name, "pid": pid, "started": started})
        (run_directory / f"{name}.json").write_text(record, encoding="utf-8")


def forget(run_directory: Path, name: str) -> None:
    """Remove the note: the process was stopped in order."""
    (run_directory / f"{name}.json").unlink(missing_ok=True)


def end_orphans(run_directory: Path) -> list[str]:
    """End every noted process that still lives, with its group; return their names. Stale notes are removed."""
    ended = []
    for note in sorted(run_directory.glob("*.json")):
        name, process = _noted_process(note)
        if process is not None:
            _end(process)
            ended.append(name)
        note.unlink()
    return ended


def _noted_process(note: Path) -> tuple[str, psutil.Process | None]:
    """Return the name and the living process of a note; None when that process is gone or the note is torn."""
    try:
        record = json.loads(note.read_text(encoding="utf-8"))
        process = psutil.Process(record["pid"])
    except (ValueError, psutil.NoSuchProcess):
        return note.stem, None
    is_same = abs(process.create_time() - record["started"]) < _SAME_START_SECONDS
    return record["name"], process if is_same else None


def _end(process: psutil.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(psutil.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    kill_group(process.pid)
