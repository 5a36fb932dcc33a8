"""Keeps a set of programs running: starts them in order, restarts one that dies, stops them all."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ops.stack.orphans import MARK, forget, remember
from ops.stack.process import ProcessFailedError, ProcessSpec, kill_group, log_tail, start_process

_TICK_SECONDS = 0.1
_FIRST_BACK_OFF_SECONDS = 0.5
_LONGEST_BACK_OFF_SECONDS = 30.0
_STEADY_SECONDS = 60.0  # healthy for so long, a program's earlier deaths are forgotten


class State(StrEnum):
    WAITING = "waiting"
    STARTING = "starting"
    HEALTHY = "healthy"
    BACKING_OFF = "backing off"
    STOPPED = "stopped"


@dataclass
class Child:
    """One program under supervision. Times are of the monotonic clock."""

    spec: ProcessSpec
    state: State = State.WAITING
    process: subprocess.Popen[bytes] | None = None
    changed_at: float = 0.0
    deaths: int = 0

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


Listener = Callable[[str, State, str], None]
"""Told of every change: the program's name, its new state, and a detail for people."""


class Supervisor:
    """Call it from one long-lived thread: the children are tied to that thread's life."""

    def __init__(self, run_directory: Path, listener: Listener) -> None:
        self._run_directory = run_directory
        self._listener = listener
        self._children: dict[str, Child] = {}

    def start(self, specs: Sequence[ProcessSpec]) -> None:
        """Start the programs, those without open needs at once, and return when all are healthy.

        May be called again with more programs. A program that dies or stays unwell now raises
        ProcessFailedError: a first start that fails is a mistake to show, not to repeat.
        """
        self._run_directory.mkdir(parents=True, exist_ok=True)
        added = [Child(spec) for spec in specs]
        for child in added:
            self._children[child.spec.name] = child
            self._listener(child.spec.name, State.WAITING, "")
        while any(child.state is not State.HEALTHY for child in added):
            self.tick()
            self._raise_if_failed(added)
            time.sleep(_TICK_SECONDS)

    def watch(self, *, until: Callable[[], bool]) -> None:
        """Keep every program running until `until()` is true."""
        while not until():
            self.tick()
            time.sleep(_TICK_SECONDS)

    def tick(self) -> None:
        """Look at every program once and do what its state asks for."""
        for child in self._children.values():
            if child.state in {State.STARTING, State.HEALTHY} and not child.is_alive:
                self._bury(child)
            elif child.state is State.WAITING and self._needs_are_healthy(child):
                self._launch(child)
            elif child.state is State.STARTING:
                self._check(child)
            elif child.state is State.BACKING_OFF and _age(child) >= back_off_seconds(child.deaths):
                self._launch(child)

    def stop(self) -> None:
        """Stop everything: what nobody needs first, its needs after; insist after each one's grace."""
        while running := [child for child in self._children.values() if child.process is not None]:
            needed = {name for child in running for name in child.spec.needs}
            leaves = [child for child in running if child.spec.name not in needed]
            for child in leaves:
                if child.process is not None and child.is_alive:
                    child.process.send_signal(child.spec.stop_signal)
            for child in leaves:
                self._await_end(child)

    def _needs_are_healthy(self, child: Child) -> bool:
        return all(self._children[name].state is State.HEALTHY for name in child.spec.needs)

    def _launch(self, child: Child) -> None:
        environment = {**child.spec.environment, MARK: str(self._run_directory)}
        child.process = start_process(child.spec.but(environment=environment))
        remember(self._run_directory, child.spec.name, child.process.pid)
        self._change(child, State.STARTING, f"pid {child.process.pid}")

    def _check(self, child: Child) -> None:
        if child.spec.is_healthy():
            self._change(child, State.HEALTHY, f"after {_age(child):.1f} s")
        elif _age(child) > child.spec.start_seconds and child.process is not None:
            kill_group(child.process.pid)  # hung in its start; the next look finds it dead

    def _bury(self, child: Child) -> None:
        if child.process is None:
            return
        kill_group(child.process.pid)  # what it started must not outlive it
        was_steady = child.state is State.HEALTHY and _age(child) >= _STEADY_SECONDS
        child.deaths = 1 if was_steady else child.deaths + 1
        detail = f"ended with code {child.process.returncode}; again in {back_off_seconds(child.deaths):g} s"
        self._change(child, State.BACKING_OFF, detail)

    def _await_end(self, child: Child) -> None:
        if child.process is None:
            return
        try:
            child.process.wait(child.spec.stop_seconds)
        except subprocess.TimeoutExpired:
            kill_group(child.process.pid)
            child.process.wait()
        kill_group(child.process.pid)
        child.process = None
        forget(self._run_directory, child.spec.name)
        self._change(child, State.STOPPED, "")

    def _raise_if_failed(self, added: Sequence[Child]) -> None:
        for child in added:
            if child.state is State.BACKING_OFF:
                path = child.spec.log_path
                raise ProcessFailedError(f"{child.spec.name} does not start.\n{log_tail(path)}")

    def _change(self, child: Child, state: State, detail: str) -> None:
        child.state = state
        child.changed_at = time.monotonic()
        self._listener(child.spec.name, state, detail)


def back_off_seconds(deaths: int) -> float:
    """Return the pause before a restart: 0.5 s after the first death, doubled with each next, 30 s at most."""
    return min(_FIRST_BACK_OFF_SECONDS * 2.0 ** min(deaths - 1, 10), _LONGEST_BACK_OFF_SECONDS)


def _age(child: Child) -> float:
    return time.monotonic() - child.changed_at
