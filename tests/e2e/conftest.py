"""The whole stack as a stranger starts it, or the one that is running already."""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.mailbox import Mailbox, start_mail_server
from tests.e2e.story import Story
from tests.fixtures.oidc import ProviderProcess

RUNNING_STACK = "HOMEROOM_E2E_DEMO_JSON"
"""Path of a running stack's demo.json; without it the tests start and stop a stack of their own."""
START_SECONDS = 300
STOP_SECONDS = 60
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def mailbox(stack: dict[str, Any], state: Path) -> Mailbox:
    """What the stack has mailed: over SMTP, or into the outbox of the one that is running already."""
    return Mailbox(Path(stack["outbox"]) if RUNNING_STACK in os.environ else state / "mails")


@pytest.fixture(scope="session")
def environment(stack: dict[str, Any], state: Path) -> Path:
    """The settings of the stack, as `homeroom up` leaves them for our own commands."""
    del stack  # it must run
    running = os.environ.get(RUNNING_STACK)
    return (state if running is None else Path(running).parent) / "environment"


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="session")
def stack(state: Path, oidc_provider: ProviderProcess) -> Iterator[dict[str, Any]]:
    """The content of demo.json: addresses and logins."""
    if RUNNING_STACK in os.environ:
        yield json.loads(Path(os.environ[RUNNING_STACK]).read_text())
        return
    with start_mail_server(state / "mails") as mail_port:
        settings = {
            "HOMEROOM_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "HOMEROOM_OIDC_PROVIDERS": json.dumps([oidc_provider.settings]),
        }
        yield from _own_stack(state, settings)


def _own_stack(state: Path, settings: dict[str, str]) -> Iterator[dict[str, Any]]:
    log = state / "up.log"
    command = [sys.executable, "-m", "ops.main", "up", "--demo", "--fake-openai", "--state", str(state)]
    with ExitStack() as until_the_end:
        with log.open("wb") as output, _alone():
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **settings},
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )
            until_the_end.callback(process.wait, STOP_SECONDS)
            until_the_end.callback(process.terminate)
            ready = _demo_when_ready(process, state / "demo.json", log)
        yield ready


@contextmanager
def _alone() -> Iterator[None]:
    """One stack starts at a time: each takes the ports that are free when it looks."""
    with (Path(tempfile.gettempdir()) / "homeroom-e2e.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _demo_when_ready(process: "subprocess.Popen[bytes]", demo: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if demo.exists() and "ready" in log.read_text():
            content: dict[str, Any] = json.loads(demo.read_text())
            return content
        time.sleep(0.5)
    pytest.fail(f"homeroom up did not become ready (exit code {process.poll()}):\n{log.read_text()[-4000:]}")


@pytest.fixture
def story(stack: dict[str, Any], mailbox: Mailbox) -> Iterator[Story]:
    story = Story(stack, mailbox)
    yield story
    story.close()
