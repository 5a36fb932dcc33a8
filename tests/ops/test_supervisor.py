"""The supervisor over tiny programs: no server of ours is needed to see it start, restart and stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ops.stack.orphans import MARK, end_orphans, remember
from ops.stack.process import ProcessFailedError, ProcessSpec, make_room_for
from ops.stack.supervisor import State, Supervisor, back_off_seconds

pytestmark = pytest.mark.fault


class Stack:
    """A supervisor, what it reported, and how to describe a program that sleeps."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.reports: list[tuple[str, State]] = []
        self.supervisor = Supervisor(
            directory / "run", lambda name, state, _detail: self.reports.append((name, state))
        )

    def program(self, name: str, code: str = "", **changes: object) -> ProcessSpec:
        """A program that writes its pid to <name>.pid, runs `code`, and sleeps; healthy once the pid is there."""
        pid_path = self.directory / f"{name}.pid"
        script = (
            f"import os,time; open({str(pid_path)!r},'w').write(str(os.getpid()))\n{code}\ntime.sleep(600)"
        )
        spec = ProcessSpec(
            name=name,
            argv=(sys.executable, "-I", "-S", "-c", script),
            log_path=self.directory / f"{name}.log",
            prepare=lambda: pid_path.unlink(missing_ok=True),
            is_healthy=lambda: pid_path.exists() and pid_path.read_text() != "",
            stop_seconds=2.0,
        )
        return spec.but(**changes)

    def pid(self, name: str) -> int:
        return int((self.directory / f"{name}.pid").read_text())

    def watch_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        self.supervisor.watch(until=lambda: condition() or time.monotonic() > deadline)
        assert condition()

    def healthy_times(self, name: str) -> int:
        return self.reports.count((name, State.HEALTHY))


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path)
    yield stack
    stack.supervisor.stop()


def test_a_program_starts_only_when_its_need_is_healthy(stack: Stack) -> None:
    stack.supervisor.start([stack.program("api", needs=("store",)), stack.program("store")])
    assert stack.reports.index(("store", State.HEALTHY)) < stack.reports.index(("api", State.STARTING))


def test_a_killed_program_is_started_again(stack: Stack) -> None:
    stack.supervisor.start([stack.program("api")])
    first = stack.pid("api")
    os.kill(first, signal.SIGKILL)
    stack.watch_until(lambda: stack.healthy_times("api") == 2)
    assert stack.pid("api") != first


def test_what_a_dead_program_started_does_not_outlive_it(stack: Stack) -> None:
    grandchild = stack.directory / "grandchild.pid"
    code = (
        "import subprocess,sys\n"
        "child = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(grandchild)!r}, 'w').write(str(child.pid))"
    )
    stack.supervisor.start([stack.program("api", code)])
    stack.watch_until(lambda: grandchild.exists() and grandchild.read_text() != "")
    pid = int(grandchild.read_text())
    os.kill(stack.pid("api"), signal.SIGKILL)
    stack.watch_until(lambda: stack.healthy_times("api") == 2)
    assert not _is_running(pid)


def test_a_program_that_cannot_start_is_an_error_with_its_last_words(stack: Stack) -> None:
    broken = stack.program("api", "raise SystemExit('no such table')", is_healthy=lambda: False)
    with pytest.raises(ProcessFailedError, match="no such table"):
        stack.supervisor.start([broken])


def test_a_missing_program_is_an_error_that_names_it(stack: Stack) -> None:
    with pytest.raises(ProcessFailedError, match="/nowhere/at/all"):
        stack.supervisor.start([stack.program("api", argv=("/nowhere/at/all",))])


def test_a_program_stuck_in_its_start_is_given_up(stack: Stack) -> None:
    stuck = stack.program("api", is_healthy=lambda: False, start_seconds=0.3)
    with pytest.raises(ProcessFailedError, match="api"):
        stack.supervisor.start([stuck])


def test_stopping_ends_dependants_before_their_needs(stack: Stack) -> None:
    stack.supervisor.start([stack.program("store"), stack.program("api", needs=("store",))])
    pids = [stack.pid("store"), stack.pid("api")]
    stack.supervisor.stop()
    stopped = [name for name, state in stack.reports if state is State.STOPPED]
    assert stopped == ["api", "store"]
    assert not any(_is_running(pid) for pid in pids)


def test_a_program_deaf_to_the_polite_signal_is_killed_after_its_grace(stack: Stack) -> None:
    deaf = stack.program("api", is_healthy=lambda: False, stop_seconds=0.3)
    ready = stack.directory / "deaf"
    code = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w').close()"
    deaf = stack.program("api", code, stop_seconds=0.3, is_healthy=ready.exists)
    stack.supervisor.start([deaf])
    stack.supervisor.stop()
    assert not _is_running(stack.pid("api"))


def test_an_orderly_stop_leaves_no_note_of_its_programs(stack: Stack) -> None:
    stack.supervisor.start([stack.program("api")])
    stack.supervisor.stop()
    assert list((stack.directory / "run").glob("*.json")) == []


def test_an_orphan_of_a_crashed_run_is_ended_by_the_next(tmp_path: Path) -> None:
    orphan = subprocess.Popen(["sleep", "600"], start_new_session=True)
    remember(tmp_path, "api", orphan.pid)
    assert end_orphans(tmp_path) == ["api"]
    assert not _is_running(orphan.pid)
    orphan.wait()


def test_what_an_ended_program_left_running_is_ended_by_the_next_start(tmp_path: Path) -> None:
    left = subprocess.Popen(["sleep", "600"], start_new_session=True, env={**os.environ, MARK: str(tmp_path)})
    other = subprocess.Popen(
        ["sleep", "600"], start_new_session=True, env={**os.environ, MARK: "/another/run"}
    )
    try:
        _wait_for(lambda: psutil.Process(left.pid).name() == "sleep")
        end_orphans(tmp_path)
        _wait_for(lambda: not _is_running(left.pid))
        assert _is_running(other.pid)
    finally:
        for process in (left, other):
            process.kill()
            process.wait()


def test_a_log_that_grew_too_long_makes_room(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "api.log"
    make_room_for(log)
    log.write_bytes(b"x" * 20_000_001)
    make_room_for(log)
    assert not log.exists()
    assert log.with_name("api.log.1").stat().st_size == 20_000_001


def test_a_stale_note_whose_number_belongs_to_another_program_harms_nobody(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        (tmp_path / "api.json").write_text(f'{{"name": "api", "pid": {bystander.pid}, "started": 12345.0}}')
        assert end_orphans(tmp_path) == []
        assert bystander.poll() is None
        assert not (tmp_path / "api.json").exists()
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the kernel ties children to parents on Linux only"
)
def test_a_supervisor_killed_without_warning_leaves_no_programs(tmp_path: Path) -> None:
    script = f"""
import time
from pathlib import Path
from ops.stack.process import ProcessSpec, start_process
spec = ProcessSpec(name="x", argv=("sleep", "600"), log_path=Path({str(tmp_path / "x.log")!r}), is_healthy=bool)
print(start_process(spec).pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=_with_path()
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    _wait_for(lambda: "sleep" in Path(f"/proc/{child}/cmdline").read_text())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _wait_for(lambda: not _is_running(child))


@pytest.mark.parametrize(("deaths", "seconds"), [(1, 0.5), (2, 1.0), (4, 4.0), (7, 30.0), (1000, 30.0)])
def test_the_pause_before_a_restart_doubles_up_to_half_a_minute(deaths: int, seconds: float) -> None:
    assert back_off_seconds(deaths) == seconds


def _with_path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def _is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
