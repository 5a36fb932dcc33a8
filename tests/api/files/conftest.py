"""Teachers who send files, a worker at the test's clock, scanners real and scripted."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.files.clamd import Scanner
from api.files.objects import storage_of, stored_keys
from api.files.tasks import read_file
from core.config import Settings
from core.db import Database
from core.jobs import Workplace
from core.key_file import KeyFile
from core.keys import KeyRing
from core.models import UploadedFile, User
from core.tenancy import TenantId
from tests.api.envelopes import data_of
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api, StandingClock

FILES = "/api/v1/files"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
LIMIT_BYTES = 1024 * 1024

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Desk:
    """Sends files at the door, reads them as the worker would, and looks at what is left."""

    api: Api
    rows: Session
    place: Workplace
    bench: DistrictBench

    @property
    def teacher(self) -> User:
        """One who has sent nothing yet."""
        return self.bench.schools[0].other_teacher

    async def post(
        self, content: bytes, name: str = "lesson.txt", user: User | None = None
    ) -> httpx2.Response:
        client = self.api.signed_in(user or self.teacher)
        return await client.post(FILES, files={"file": (name, content)})

    async def send(self, content: bytes, name: str = "lesson.txt", user: User | None = None) -> UUID:
        return UUID(data_of(await self.post(content, name, user), 202)["id"])

    async def work(self, file_id: UUID) -> UploadedFile:
        self.place.use()
        await read_file(district_id=str(self.bench.district.district_id), file_id=str(file_id))
        return self.row(file_id)

    async def shown(self, file_id: UUID) -> dict[str, Any]:
        shown: dict[str, Any] = data_of(await self.api.signed_in(self.teacher).get(f"{FILES}/{file_id}"))
        return shown

    def row(self, file_id: UUID) -> UploadedFile:
        statement = select(UploadedFile).where(UploadedFile.id == file_id)
        return self.rows.scalars(statement.execution_options(populate_existing=True)).one()

    def with_settings(self, **changes: Any) -> None:
        self.place = replace(self.place, settings=self.place.settings.model_copy(update=changes))

    async def keys(self) -> list[str]:
        """What the storage holds of this district."""
        tenant = TenantId.from_command_line(self.bench.district.district_id)
        return await stored_keys(storage_of(self.place.settings), tenant)


@pytest.fixture
def desk(
    *,
    api: Api,
    bench: DistrictBench,
    rows: Session,
    clock: StandingClock,
    database: Database,
    settings: Settings,
    keys: KeyRing,
) -> Desk:
    del keys  # the file exists now
    place = Workplace(database=database, keys=KeyFile(settings.keys_path), settings=settings, clock=clock)
    return Desk(api, rows, place, bench)


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanner]:
    """A real clamd whose one signature is that of the test virus."""
    if CLAMD is None:
        if os.environ.get("CI"):
            pytest.fail("CI installs clamav-daemon")
        pytest.skip("clamav-daemon is not installed")
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "eicar.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
    socket = folder / "clamd.sock"
    (folder / "clamd.conf").write_text(
        f"LocalSocket {socket}\nDatabaseDirectory {folder}\nForeground yes\nStreamMaxLength {LIMIT_BYTES}\n"
    )
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen([CLAMD, "-c", folder / "clamd.conf"], stdout=log, stderr=log)
    try:
        _wait_for(socket, child, folder / "log")
        yield Scanner(url=f"unix://{socket}", scan_seconds=20)
    finally:
        child.terminate()
        child.wait(10)


def _wait_for(socket: Path, child: subprocess.Popen[bytes], log: Path) -> None:
    ends_at = time.monotonic() + 60
    while not socket.exists():
        if child.poll() is not None or time.monotonic() > ends_at:
            pytest.fail(f"clamd did not start: {log.read_text()}")
        time.sleep(0.1)


@asynccontextmanager
async def scanner_that(answer: Answer, **seconds: float) -> AsyncIterator[Scanner]:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Scanner(url=f"tcp://127.0.0.1:{port}", **seconds)
    finally:
        server.close()


def says(reply: bytes) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not (await reader.read(65_536)).endswith(b"\0\0\0\0"):
            pass
        writer.write(reply)
        writer.close()

    return answer
