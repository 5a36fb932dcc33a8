"""From the door to the text: scanned, read in a child, and the bytes gone whatever happened on the way."""

import asyncio
import hashlib
import signal
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.files.clamd import Scanner
from api.files.errors import ScannerUnavailableError
from api.files.objects import new_object_key, storage_of, store
from api.files.receiving import Received
from api.files.sweeping import sweep
from api.files.tasks import remove_scratch
from core.jobs import job_context
from core.models import FileRemoval, FileStatus, UploadedFile
from core.tenancy import TenantId
from tests.api.envelopes import data_of
from tests.api.files.conftest import EICAR, Desk, says, scanner_that
from tests.factories.files.docs import lesson_paragraphs, word_97
from tests.factories.files.docxs import lesson_docx
from tests.factories.files.hostile import READ, corpus
from tests.factories.files.lesson import TITLE
from tests.factories.files.pdfs import encrypted_pdf, text_pdf
from tests.factories.files.texts import lesson_txt
from tests.fixtures.web import StandingClock

READERS = {
    "pdf": text_pdf,
    "docx": lesson_docx,
    "doc": lambda: word_97(lesson_paragraphs()),
    "txt": lesson_txt,
}
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", READERS)
async def test_a_file_is_read_and_its_bytes_are_removed(desk: Desk, kind: str) -> None:
    file_id = await desk.send(READERS[kind](), f"lesson.{kind}")
    row = await desk.work(file_id)
    assert (row.status, row.rejection_code, row.object_key) == (FileStatus.READY, None, None)
    assert row.removed_at == desk.place.clock()
    shown = await desk.shown(file_id)
    assert TITLE in shown["preview"]
    assert "chlorophyll" in shown["preview"]
    assert (shown["language"], shown["uncertain"]) == ("en", [])
    assert shown["characters"] >= len(shown["preview"])
    assert await desk.keys() == []
    client = desk.api.signed_in(desk.teacher)
    job = data_of(await client.get(f"/api/v1/jobs/{row.job_id}"))
    assert (job["status"], job["progress_percent"]) == ("succeeded", 100)
    assert job["result"] == {"file_id": str(file_id), "code": None}
    told = data_of(await client.get("/api/v1/notifications"))["items"]
    assert [one["title"] for one in told if one["kind"] == "job_done"] == ["The file you sent is ready"]


async def test_a_second_run_changes_nothing(desk: Desk, rows: Session) -> None:
    file_id = await desk.send(lesson_txt())
    first = await desk.work(file_id)
    read, moment = first.extraction, first.updated_at
    again = await desk.work(file_id)
    assert (again.extraction, again.updated_at) == (read, moment)
    assert rows.scalar(select(func.count()).where(FileRemoval.file_id == file_id)) == 1


async def test_a_file_that_cannot_be_read_says_why_and_the_others_are_read(desk: Desk) -> None:
    locked = await desk.send(encrypted_pdf(), "locked.pdf")
    good = await desk.send(lesson_txt())
    row = await desk.work(locked)
    assert (row.status, row.rejection_code) == (FileStatus.REJECTED, "encrypted")
    job = data_of(await desk.api.signed_in(desk.teacher).get(f"/api/v1/jobs/{row.job_id}"))
    assert (job["status"], job["error"]) == ("failed", "The file could not be read (encrypted).")
    assert (await desk.work(good)).status is FileStatus.READY
    assert await desk.keys() == []


async def test_a_hostile_file_ends_with_a_code_and_the_next_one_is_read(desk: Desk) -> None:
    """A few through the whole way; tests/api/extraction reads every one of them in its child."""
    worst = [file for file in corpus() if file.kind == "pdf" and READ not in file.ends_in][:4]
    assert len(worst) == 4
    for file in worst:
        answer = await desk.post(file.content, file.name)
        if answer.status_code == 202:
            row = await desk.work(data_of(answer, 202)["id"])
            assert row.rejection_code in file.ends_in, file.name
    assert (await desk.work(await desk.send(lesson_txt()))).status is FileStatus.READY
    assert await desk.keys() == []


async def test_malware_is_rejected_and_never_read(desk: Desk, clamd: Scanner) -> None:
    desk.with_settings(clamd_url=clamd.url)
    infected = await desk.send(b"Dear class, " + EICAR)
    row = await desk.work(infected)
    assert (row.status, row.rejection_code, row.extraction) == (FileStatus.REJECTED, "malware", None)
    assert (await desk.work(await desk.send(lesson_txt()))).status is FileStatus.READY
    assert await desk.keys() == []


async def test_while_the_scanner_is_away_a_file_waits_unread(desk: Desk) -> None:
    desk.with_settings(clamd_url="tcp://127.0.0.1:1")
    file_id = await desk.send(lesson_txt())
    with pytest.raises(ScannerUnavailableError):
        await desk.work(file_id)
    waiting = desk.row(file_id)
    assert (waiting.status, waiting.extraction) == (FileStatus.SCANNING, None)
    assert len(await desk.keys()) == 1
    async with scanner_that(says(b"stream: OK\0")) as scanner:
        desk.with_settings(clamd_url=scanner.url)
        assert (await desk.work(file_id)).status is FileStatus.READY


async def test_a_school_may_decide_to_read_what_no_scanner_answered_for(desk: Desk) -> None:
    desk.with_settings(clamd_url="tcp://127.0.0.1:1", scan_required=False)
    assert (await desk.work(await desk.send(lesson_txt()))).status is FileStatus.READY


async def test_a_file_whose_bytes_are_gone_is_over(desk: Desk) -> None:
    file_id = await desk.send(lesson_txt())
    storage_of(desk.place.settings).delete(str(desk.row(file_id).object_key))
    row = await desk.work(file_id)
    assert (row.status, row.rejection_code, row.object_key) == (FileStatus.REJECTED, "expired", None)


@pytest.mark.parametrize("stage", ["fetching", "scanning", "extracting", "deciding", "removing"])
async def test_a_worker_killed_at_any_point_leaves_a_file_that_another_one_finishes(
    desk: Desk, stage: str
) -> None:
    file_id = await desk.send(lesson_txt())
    await killed_at(stage, desk, str(file_id))
    row = await desk.work(file_id)
    assert (row.status, row.rejection_code) == (FileStatus.READY, None)
    await swept(desk, datetime.now(UTC))
    assert await desk.keys() == []


@pytest.mark.parametrize("stage", ["fetching", "scanning", "extracting", "deciding", "removing"])
async def test_nothing_is_left_after_a_day_when_nobody_finishes_it(
    desk: Desk, clock: StandingClock, rows: Session, stage: str
) -> None:
    file_id = await desk.send(lesson_txt())
    await killed_at(stage, desk, str(file_id))
    await swept(desk, clock() + timedelta(hours=24, minutes=15))
    row = desk.row(file_id)
    assert (await desk.keys(), row.object_key) == ([], None)
    assert row.status is (FileStatus.READY if stage == "removing" else FileStatus.REJECTED)
    assert rows.scalar(select(func.count()).where(FileRemoval.file_id == file_id)) == 1
    job = data_of(await desk.api.signed_in(desk.teacher).get(f"/api/v1/jobs/{row.job_id}"))
    assert job["finished_at"] is not None


async def test_bytes_without_a_row_are_removed_and_rows_equal_objects(
    desk: Desk, clock: StandingClock, tmp_path: Path
) -> None:
    """Somebody was killed after storing and before writing the row."""
    kept = await desk.send(lesson_txt())
    path = tmp_path / "file"
    path.write_bytes(b"forsaken")
    tenant = TenantId.from_command_line(desk.bench.district.district_id)
    received = Received(path, "a.txt", 8, hashlib.sha256(b"forsaken").hexdigest())
    await store(storage_of(desk.place.settings), new_object_key(tenant, clock()), received)
    assert len(await desk.keys()) == 2
    await swept(desk, clock() + timedelta(minutes=16))
    held = select(UploadedFile.object_key).where(
        UploadedFile.district_id == tenant.value, UploadedFile.object_key.is_not(None)
    )
    assert await desk.keys() == list(desk.rows.scalars(held)) == [desk.row(kept).object_key]


def left_by_the_dead() -> list[Path]:
    """Scratch folders of processes that are no more."""
    folders = Path(tempfile.gettempdir()).glob("homeroom-scratch-*")
    return [path for path in folders if not psutil.pid_exists(int(path.name.split("-")[2]))]


async def swept(desk: Desk, moment: datetime) -> None:
    """What housekeeping does every five minutes."""
    desk.place.use()
    settings = desk.place.settings
    context = job_context(str(desk.bench.district.district_id))
    await sweep(desk.place.database, storage_of(settings), context, moment)
    remove_scratch(settings)
    assert left_by_the_dead() == []


async def killed_at(stage: str, desk: Desk, file_id: str) -> None:
    """Run the job in a process that is killed with SIGKILL at this point."""
    settings = desk.place.settings
    if stage == "scanning":
        settings = settings.model_copy(update={"clamd_url": "tcp://127.0.0.1:1"})
    district = str(desk.bench.district.district_id)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.api.files.dying_worker", stage, district, file_id),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
    )
    await child.communicate(settings.model_dump_json().encode())
    assert child.returncode == -signal.SIGKILL
