"""The whole stack as a stranger starts it, or the one that is running already."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

RUNNING_STACK = "HOMEROOM_E2E_DEMO_JSON"
"""Path of a running stack's demo.json; without it the tests start and stop a stack of their own."""
START_SECONDS = 300
STOP_SECONDS = 60
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The content of demo.json: addresses and logins."""
    if RUNNING_STACK in os.environ:
        yield json.loads(Path(os.environ[RUNNING_STACK]).read_text())
        return
    state = tmp_path_factory.mktemp("stack")
    log = state / "up.log"
    command = [sys.executable, "-m", "ops.main", "up", "--demo", "--state", str(state)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        yield _demo_when_ready(process, state / "demo.json", log)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _demo_when_ready(process: "subprocess.Popen[bytes]", demo: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if demo.exists() and "ready" in log.read_text():
            content: dict[str, Any] = json.loads(demo.read_text())
            return content
        time.sleep(0.5)
    pytest.fail(f"homeroom up did not become ready (exit code {process.poll()}):\n{log.read_text()[-4000:]}")
