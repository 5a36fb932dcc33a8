"""A real worker process that can be killed and started again; it notices dead colleagues quickly."""

import os
import subprocess
import sys
from pathlib import Path

from core.config import Settings

_PROGRAM = (
    "from core.config import get_settings; from ops.worker import *; run_worker(get_settings(),"
    " WorkerOptions(beat_seconds=0.3, stalled_seconds=1.5, sweep_seconds=0.3))"
)


class WorkerProcess:
    """`homeroom worker` with the given settings; its log is kept for a failing test to show."""

    def __init__(self, settings: Settings, log: Path, **environment: str) -> None:
        self._log = log
        self._environment = {
            "HOMEROOM_DATABASE_URL": settings.database_url,
            "HOMEROOM_REDIS_URL": settings.redis_url,
            "HOMEROOM_KEYS_PATH": str(settings.keys_path),
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM],
                env={**os.environ, **self._environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """As `kill -9` does: nothing of the process's own runs after it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
