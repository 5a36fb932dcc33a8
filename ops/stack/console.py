"""What `homeroom up` shows: a live list while programs start, plain lines afterwards, and a log file of both."""

from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from ops.stack.supervisor import State


class StartDisplay:
    """Use as a context manager around the start; `show` stays usable after it."""

    def __init__(self, console: Console, log_path: Path) -> None:
        self._console = console
        self._log_path = log_path
        self._tasks: dict[str, TaskID] = {}
        self._is_live = False
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description:<18}"),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=console,
        )

    def __enter__(self) -> Self:
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        self._is_live = self._console.is_terminal
        if self._is_live:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_live = False
        self._progress.stop()

    def show(self, name: str, state: State, detail: str) -> None:
        """Show one program's new state; the supervisor calls this."""
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        with self._log_path.open("a", encoding="utf-8") as log:
            log.write(f"{moment} {name} {state} {detail}\n")
        if self._is_live:
            self._show_live(name, state, detail)
        elif state in {State.HEALTHY, State.BACKING_OFF}:
            self._console.print(f"{name}: {state} {detail}", highlight=False)

    def step(self, name: str, *, is_done: bool) -> None:
        """Show a step that is not a program, such as migrating."""
        self.show(name, State.HEALTHY if is_done else State.STARTING, "")

    def _show_live(self, name: str, state: State, detail: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=1, state="")
        is_well = state is State.HEALTHY
        text = "" if is_well else f"{state} {detail}"
        self._progress.update(self._tasks[name], state=text, completed=1 if is_well else 0)
