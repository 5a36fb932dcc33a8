"""Recognising what a killed supervisor left behind, so that the next start can end it.

Children are noted on disk with their start time; what they started in turn carries a mark in its environment.
"""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from ops.stack.process import kill_group

MARK = "HOMEROOM_RUN_DIRECTORY"
"""Variable that every process under a supervisor inherits; its value says whose."""

_SAME_START_SECONDS = 2.0  # the kernel counts in ticks, and the clock may be stepped
_GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.02


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
    end_marked(run_directory)
    return ended


def end_marked(run_directory: Path) -> None:
    """Kill every process that was started, at any depth, under a supervisor over this folder."""
    for process in psutil.process_iter(["pid"]):
        if process.pid != os.getpid() and _is_marked(process, str(run_directory)):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def _is_marked(process: psutil.Process, value: str) -> bool:
    with suppress(psutil.Error, OSError):
        return bool(process.environ().get(MARK) == value)
    return False


def end_programs_in(folder: Path, program: str, *, stop_signal: signal.Signals = signal.SIGTERM) -> None:
    """End every process called `program` that works in `folder`: what a killed server left over its data."""
    processes = [process for process in psutil.process_iter(["name"]) if _works_in(process, folder, program)]
    for number in (stop_signal, signal.SIGKILL):
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        if _are_gone(processes, _GRACE_SECONDS):
            return


def _works_in(process: psutil.Process, folder: Path, program: str) -> bool:
    with suppress(psutil.Error, OSError):
        return process.info["name"] == program and Path(process.cwd()) == folder
    return False


def _are_gone(processes: list[psutil.Process], seconds: float) -> bool:
    """Wait until all have ended. A zombie has: in a container nobody may ever collect it."""
    deadline = time.monotonic() + seconds
    while any(_runs(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


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
    _are_gone([process], _GRACE_SECONDS)
    kill_group(process.pid)
