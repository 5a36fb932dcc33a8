"""One program as an operating-system process: described, started, awaited, stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

_LEASH = Path(__file__).with_name("leash.py")
_POLL_SECONDS = 0.05
_LOG_TAIL_LINES = 15
_LOG_BYTES = 20_000_000


class ProcessFailedError(Exception):
    """A process ended, or stayed unwell, while somebody waited for it to become healthy."""


@dataclass(frozen=True)
class Account:
    """The operating-system user a process runs as."""

    uid: int
    gid: int


def _nothing() -> None:
    """Do nothing before a start: most programs need no preparation."""


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """All that is needed to start one program and to know that it is well.

    `environment` is added to ours. `prepare` runs before every start, also before a restart. `needs` names the
    processes that must be healthy first.
    """

    name: str
    argv: tuple[str, ...]
    log_path: Path
    is_healthy: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    working_directory: Path | None = None
    account: Account | None = None
    root: Path | None = None
    prepare: Callable[[], None] = _nothing
    needs: tuple[str, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    start_seconds: float = 60.0
    stop_seconds: float = 10.0

    def but(self, **changes: Any) -> "ProcessSpec":
        """Return this description with some fields changed."""
        return replace(self, **changes)


def start_process(spec: ProcessSpec) -> subprocess.Popen[bytes]:
    """Start the program in its own process group, its output appended to its log, and return at once.

    Call it from a thread that lives as long as the program should: on Linux the leash is tied to the calling thread.
    """
    spec.prepare()
    make_room_for(spec.log_path)
    with spec.log_path.open("ab") as log:
        return subprocess.Popen(
            leashed(spec.argv, account=spec.account, root=spec.root, stop_signal=spec.stop_signal),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **spec.environment},
            cwd=spec.working_directory,
            start_new_session=True,
        )


def leashed(
    argv: Sequence[str],
    *,
    account: Account | None = None,
    root: Path | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> list[str]:
    """Return the command that runs `argv` as `account` under `root`, and ends it by `stop_signal` when we die."""
    identity = f"{account.uid}:{account.gid}" if account else "-"
    options = (str(os.getpid()), str(int(stop_signal)), identity, str(root or "-"))
    return [sys.executable, "-I", "-S", str(_LEASH), *options, *argv]


def wait_until_healthy(spec: ProcessSpec, process: subprocess.Popen[bytes]) -> None:
    """Return when the program is well.

    Raises ProcessFailedError, with the end of the log, when it died or took longer than `start_seconds`.
    """
    deadline = time.monotonic() + spec.start_seconds
    while not spec.is_healthy():
        if process.poll() is not None:
            raise ProcessFailedError(
                f"{spec.name} ended with code {process.returncode}.\n{log_tail(spec.log_path)}"
            )
        if time.monotonic() > deadline:
            raise ProcessFailedError(
                f"{spec.name} is not healthy after {spec.start_seconds:.0f} s.\n{log_tail(spec.log_path)}"
            )
        time.sleep(_POLL_SECONDS)


def stop_process(spec: ProcessSpec, process: subprocess.Popen[bytes]) -> None:
    """Ask the program to end, insist after its grace, and leave nothing of its process group behind."""
    if process.poll() is None:
        process.send_signal(spec.stop_signal)
        try:
            process.wait(spec.stop_seconds)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
    process.wait()
    kill_group(process.pid)


def kill_group(pid: int) -> None:
    """Kill every process of the group that `pid` leads; a group that is gone is fine."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def make_room_for(log_path: Path) -> None:
    """Make the log's folder; a log beyond 20 MB becomes `<name>.1`, replacing an older one."""
    log_path.parent.mkdir(parents=True, exist_ok=True)
    if log_path.exists() and log_path.stat().st_size > _LOG_BYTES:
        log_path.replace(log_path.with_name(f"{log_path.name}.1"))


def log_tail(path: Path, lines: int = _LOG_TAIL_LINES) -> str:
    """Return the last lines of a log with its path, for an error message."""
    if not path.exists():
        return f"(no log at {path})"
    ending = path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join([f"--- the end of {path}", *ending])
