"""A real server in a process of its own, and users who connect to it."""

import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.config import Settings
from core.db import Database
from core.keys import KeyRing
from core.models import User
from core.tokens import issue_access_token
from core.user_events import UserEventDraft, record_user_event
from ops.stack.health import answers_http
from ops.stack.ports import any_free_port
from tests.factories.user import actor_of
from tests.realtime.socket_client import SocketClient

Record = Callable[..., Awaitable[int]]


@contextmanager
def running_realtime(settings: Settings, log_path: Path) -> Iterator[str]:
    """Run `realtime.main:app` with these settings; yields its URL."""
    port = any_free_port()
    command = [sys.executable, "-m", "uvicorn", "realtime.main:app", "--port", str(port)]
    environment = {
        **os.environ,
        "HOMEROOM_DATABASE_URL": settings.database_url,
        "HOMEROOM_REDIS_URL": settings.redis_url,
        "HOMEROOM_KEYS_PATH": str(settings.keys_path),
        "HOMEROOM_ISSUER": settings.issuer,
        "HOMEROOM_SOCKETS_PER_NODE": str(settings.sockets_per_node),
    }
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process, log_path)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log_path: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        if answers_http(f"{url}/readyz")():
            return
        time.sleep(0.05)
    raise AssertionError(f"the server did not become ready:\n{log_path.read_text()}")


@pytest.fixture(scope="session")
def realtime_url(
    settings: Settings, keys: KeyRing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with running_realtime(settings, tmp_path_factory.mktemp("realtime") / "server.log") as url:
        yield url


class Tokens:
    """Access tokens as the API would issue them."""

    def __init__(self, settings: Settings, keys: KeyRing) -> None:
        self._issuer = settings.issuer
        self._keys = keys

    def of(self, user: User, *, seconds_left: int = 600, issuer: str | None = None) -> str:
        """A token that was issued in the past and ends in `seconds_left`."""
        issued = datetime.now(UTC) + timedelta(seconds=seconds_left) - timedelta(minutes=10)
        return issue_access_token(
            actor_of(user), self._keys, issuer=issuer or self._issuer, now=issued, minutes=10
        )


@pytest.fixture(scope="session")
def tokens(settings: Settings, keys: KeyRing) -> Tokens:
    return Tokens(settings, keys)


@pytest.fixture
def connected(realtime_url: str, tokens: Tokens) -> Callable[[User], SocketClient]:
    """`async with connected(user) as client`."""
    return lambda user: SocketClient(realtime_url, tokens.of(user))


@pytest.fixture
def record(database: Database) -> Record:
    """Record an event for users of one school, as the API would; returns the first user's number."""

    async def record_for(*users: User, name: str = "grade:updated") -> int:
        first = users[0]
        draft = UserEventDraft(name, {"points": "1.00"}, datetime.now(UTC), first.school_id)
        async with database.tenant_transaction(actor_of(first).context) as session:
            numbers = await record_user_event(session, [user.id for user in users], draft)
        return numbers[first.id]

    return record_for
