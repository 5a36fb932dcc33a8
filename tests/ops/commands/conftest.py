"""Commands run in this process, in an empty folder, with the environment a test gives them."""

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.config import Settings, get_settings
from core.keys import KeyRing
from ops.main import main


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What `--json` printed."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """What a person is told who gave bad input: one sentence, no traceback, exit code 2."""
        assert self.code == 2, self.out + self.err
        assert "Traceback" not in self.err
        return " ".join(self.err.translate(dict.fromkeys(map(ord, "│╭╮╰╯─"), " ")).split())


class Terminal:
    """`terminal("district", "create", "Maple")` runs the command and returns its outcome."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "200")

    def given(self, **environment: str) -> None:
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)

    def installation(self, settings: Settings) -> None:
        """Point the commands at the test's stores."""
        self.given(
            HOMEROOM_DATABASE_URL=settings.database_url,
            HOMEROOM_ADMIN_DATABASE_URL=settings.admin_database_url,
            HOMEROOM_PIPELINE_DATABASE_URL=settings.pipeline_database_url,
            HOMEROOM_REDIS_URL=settings.redis_url,
            HOMEROOM_KEYS_PATH=str(settings.keys_path),
            HOMEROOM_WAREHOUSE_URL=str(self.folder / "warehouse"),
        )

    def __call__(self, *arguments: str, stdin: str = "") -> Outcome:
        self._monkeypatch.setattr(sys, "argv", ["homeroom", *arguments])
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        get_settings.cache_clear()
        self._capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        printed = self._capsys.readouterr()
        return Outcome(code, printed.out, printed.err)


@pytest.fixture
def bare_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    """A terminal in a folder where nothing was ever set up."""
    yield Terminal(tmp_path, monkeypatch, capsys)
    get_settings.cache_clear()


@pytest.fixture
def terminal(bare_terminal: Terminal, settings: Settings, keys: KeyRing) -> Terminal:
    """A terminal whose settings lead to the test's stores."""
    bare_terminal.installation(settings)
    return bare_terminal
