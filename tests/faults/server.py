"""A real API process that can be killed and started again on its port."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from api.rate_limits import POLICIES
from core.config import Settings
from ops.stack.ports import any_free_port
from tests.fixtures.schema import PROJECT_ROOT

START_SECONDS = 120
_LIMITS = [policy.setting for policy in POLICIES.values()]
"""The limits of the test's settings: a storm must not end at the door."""


class ApiProcess:
    """`uvicorn api.main:app` with the given settings; its log is kept for a failing test to show."""

    def __init__(self, settings: Settings, log: Path, **environment: str) -> None:
        self.port = any_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._environment = {
            "HOMEROOM_DATABASE_URL": settings.database_url,
            "HOMEROOM_REDIS_URL": settings.redis_url,
            "HOMEROOM_WAREHOUSE_URL": settings.warehouse_url,
            "HOMEROOM_KEYS_PATH": str(settings.keys_path),
            **{f"HOMEROOM_{name.upper()}": str(getattr(settings, name)) for name in _LIMITS},
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "api.main:app", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=PROJECT_ROOT, env={**os.environ, **self._environment}, stdout=log, stderr=log
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx2.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
        raise TimeoutError(f"the API is not ready:\n{self._log.read_text()}")

    def wait_until_it_ends(self) -> int:
        """Return the exit code. Raises subprocess.TimeoutExpired when it goes on."""
        assert self._process is not None
        return self._process.wait(START_SECONDS)

    def kill(self) -> None:
        """As `kill -9` does: nothing of the process's own runs after it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
