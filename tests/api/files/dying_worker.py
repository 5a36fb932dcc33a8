"""A worker that is killed at a chosen point: `python -m tests.api.files.dying_worker STAGE DISTRICT FILE`."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from api.extraction import sandbox
from api.files import objects, processing
from api.files.clamd import Scanner
from core.config import Settings
from core.db import Database
from core.emit import emitter_for
from core.jobs import Workplace, job_context
from core.key_file import KeyFile


async def die(*_arguments: Any, **_more: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def fetch_and_die(*arguments: Any) -> None:
    await objects.fetch(*arguments)
    await die()


async def converse_and_die(child: Any, request: Any) -> None:
    """The reader has begun; nobody waits for it any more."""
    child.stdin.write(request.model_dump_json().encode())
    await child.stdin.drain()
    await die()


def prepare(stage: str) -> None:
    if stage == "fetching":
        processing.objects = type("Objects", (), {"fetch": staticmethod(fetch_and_die)})  # type: ignore[assignment]
    elif stage == "scanning":
        Scanner.scan = die  # type: ignore[method-assign,assignment]
    elif stage == "extracting":
        sandbox._converse = converse_and_die  # type: ignore[assignment]
    elif stage == "deciding":
        processing.finish_job = die
    elif stage == "removing":
        processing.remove_bytes = die
    else:
        raise SystemExit(f"no stage {stage}")


async def work(settings: Settings, district_id: str, file_id: str) -> None:
    database = Database.from_settings(settings, emitter_for(""))
    place = Workplace(
        database=database,
        keys=KeyFile(settings.keys_path),
        settings=settings,
        clock=lambda: datetime.now(UTC),
    )
    await processing.Processing(place.use(), job_context(district_id), UUID(file_id)).run()


if __name__ == "__main__":
    prepare(sys.argv[1])
    asyncio.run(work(Settings.model_validate_json(sys.stdin.read()), *sys.argv[2:]))
