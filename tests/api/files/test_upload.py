"""Files at the door: taken by what they are, counted, shown to their owner only, and taken back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.files import receiving
from core.ids import new_id
from core.models import FileRemoval, JobStatus, UploadedFile
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, items_of, refusal_of
from tests.api.files.conftest import FILES, Desk
from tests.factories.files.docs import lesson_paragraphs, word_97
from tests.factories.files.docxs import lesson_docx
from tests.factories.files.hostile import corpus
from tests.factories.files.pdfs import encrypted_pdf, text_pdf
from tests.factories.files.photos import clean_photo
from tests.factories.files.texts import lesson_txt
from tests.factories.world import World
from tests.fixtures.web import Api

TEN_MEGABYTES = 10 * 1024 * 1024

KINDS: dict[str, Callable[[], bytes]] = {
    "pdf": text_pdf,
    "docx": lesson_docx,
    "doc": lambda: word_97(lesson_paragraphs()),
    "jpg": clean_photo,
    "png": lambda: clean_photo(kind="png"),
    "txt": lesson_txt,
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_file_is_known_by_its_content_and_not_by_its_name(desk: Desk, kind: str) -> None:
    file = data_of(await desk.post(KINDS[kind](), name="homework.exe"), 202)
    assert (file["kind"], file["name"], file["status"]) == (kind, "homework.exe", "pending")
    assert "object_key" not in file
    (key,) = await desk.keys()
    assert key == desk.row(UUID(file["id"])).object_key
    job = data_of(await desk.api.signed_in(desk.teacher).get(f"/api/v1/jobs/{file['job_id']}"))
    assert (job["kind"], job["status"]) == ("read_file", "queued")


async def test_ten_megabytes_are_taken_and_one_byte_more_is_not(desk: Desk) -> None:
    text = b"A line of a long text.\n" * (TEN_MEGABYTES // 23 + 1)
    assert data_of(await desk.post(text[:TEN_MEGABYTES]), 202)["byte_count"] == TEN_MEGABYTES
    refusal_of(await desk.post(text[: TEN_MEGABYTES + 1]), 413, "file_too_large")
    assert len(await desk.keys()) == 1


async def test_a_length_that_lies_does_not_help(desk: Desk) -> None:
    """Twelve megabytes without a declared length: counted as they come."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(12):
            yield b"a" * 1_000_000
        yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await desk.api.signed_in(desk.teacher).post(FILES, content=pieces(), headers=headers)
    refusal_of(answer, 413)
    assert await desk.keys() == []


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "file_empty"),
        (b"GIF89a" + b"\0" * 100, 415, "unsupported_file_type"),
        (b"MZ\x90\0" + b"\0" * 500, 415, "unsupported_file_type"),
        (b"<!DOCTYPE html><html><script>alert(1)</script>", 415, "unsupported_file_type"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, "unsupported_file_type"),
    ],
    ids=["nothing", "gif", "program", "page", "svg"],
)
async def test_what_is_no_curriculum_is_turned_away_and_not_kept(
    desk: Desk, content: bytes, status: int, code: str
) -> None:
    refusal_of(await desk.post(content, name="lesson.pdf"), status, code)
    assert await desk.keys() == []
    owned = select(func.count()).where(UploadedFile.owner_id == desk.teacher.id)
    assert desk.rows.scalar(owned) == 0


async def test_no_hostile_container_gets_through_the_door(desk: Desk) -> None:
    containers = [file for file in corpus() if file.is_for_the_door and file.kind in {"docx", "doc"}]
    assert len(containers) > 15
    for file in containers:
        answer = await desk.post(file.content, name=file.name)
        assert answer.status_code in {413, 415, 422}, f"{file.name}: {answer.status_code}"
        code = answer.json()["errors"][0]["code"]
        assert code.startswith(("file_", "unsupported_file_type")), f"{file.name}: {code}"
    assert await desk.keys() == []


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\CON", "CON"),
        ("a\u202egpj.exe.txt", "agpj.exe.txt"),
        ("x" * 4096, "x" * 255),
        ('quote".txt', 'quote".txt'),
        ("Übung 1 – Größe.txt", "Übung 1 – Größe.txt"),
    ],
)
async def test_a_name_is_a_label_and_nothing_else(desk: Desk, name: str, label: str, tmp_path: Path) -> None:
    del tmp_path
    file = data_of(await desk.post(lesson_txt(), name=name), 202)
    assert file["name"] == label
    (key,) = await desk.keys()
    assert label not in key


async def test_a_name_with_line_breaks_splits_no_header(desk: Desk) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a%0D%0ASet-Cookie: b.txt"\r\n\r\n'
        + lesson_txt()
        + b"\r\n--x--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await desk.api.signed_in(desk.teacher).post(FILES, content=body, headers=headers)
    data_of(answer, 202)
    assert "set-cookie" not in answer.headers


async def test_the_same_content_again_is_the_same_file(desk: Desk) -> None:
    first = data_of(await desk.post(lesson_txt()), 202)
    again = data_of(await desk.post(lesson_txt(), name="other name.txt"), 200)
    assert (again["id"], again["name"]) == (first["id"], "lesson.txt")
    assert len(await desk.keys()) == 1
    colleague = desk.bench.schools[0].teacher
    assert data_of(await desk.post(lesson_txt(), user=colleague), 202)["id"] != first["id"]


async def test_the_same_content_twice_at_once_is_one_file(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.post(lesson_txt()) for _ in range(3)))
    assert len({data_of(answer, answer.status_code)["id"] for answer in answers}) == 1
    assert sorted(answer.status_code for answer in answers) == [200, 200, 202]
    assert len(await desk.keys()) == 1


async def test_a_file_that_could_not_be_read_may_be_sent_again(desk: Desk) -> None:
    first = await desk.send(encrypted_pdf(), "locked.pdf")
    assert (await desk.work(first)).rejection_code == "encrypted"
    assert await desk.send(encrypted_pdf(), "locked.pdf") != first


async def test_three_files_travel_at_once_and_a_fourth_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, go_on = asyncio.Semaphore(0), asyncio.Event()
    real = receiving._feed

    async def slow(*arguments: object) -> None:
        arrived.release()
        await go_on.wait()
        await real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(receiving, "_feed", slow)
    sending = [asyncio.create_task(desk.post(lesson_txt() + str(number).encode())) for number in range(3)]
    for _ in sending:
        await arrived.acquire()
    refused = await desk.post(b"a fourth text")
    refusal_of(refused, 429, "too_many_uploads")
    assert refused.headers["Retry-After"] == "5"
    go_on.set()
    assert [answer.status_code for answer in await asyncio.gather(*sending)] == [202] * 3
    assert data_of(await desk.post(b"a fourth text"), 202)


async def test_there_is_a_quota_for_a_day_and_taking_back_does_not_refill_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.api.app.state.settings, "upload_megabytes_per_day", 1)
    first = await desk.send(b"a" * 600_000)
    data_of(await desk.api.signed_in(desk.teacher).get(FILES))
    assert (await desk.api.signed_in(desk.teacher).delete(f"{FILES}/{first}")).status_code == 200
    refusal_of(await desk.post(b"b" * 600_000), 429, "upload_quota_exceeded")
    data_of(await desk.post(b"b" * 300_000), 202)


async def test_storage_that_is_away_is_said_and_leaves_no_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "a file, and no folder"
    blocked.write_text("")
    monkeypatch.setattr(desk.api.app.state.settings, "storage_url", str(blocked))
    refusal_of(await desk.post(lesson_txt()), 503, "storage_unavailable")
    monkeypatch.undo()
    assert items_of(await desk.api.signed_in(desk.teacher).get(FILES)) == []
    data_of(await desk.post(lesson_txt()), 202)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{}", "application/json"),
        (b"", "multipart/form-data"),
        (b"--x--\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\na\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na',
            "multipart/form-data; boundary=x",
        ),
    ],
    ids=["json", "no boundary", "empty form", "another field", "cut off"],
)
async def test_what_is_no_form_with_a_file_is_refused(desk: Desk, body: bytes, content_type: str) -> None:
    client = desk.api.signed_in(desk.teacher)
    answer = await client.post(FILES, content=body, headers={"Content-Type": content_type})
    refusal_of(answer, 422, "upload_invalid")


async def test_the_list_has_the_newest_first_and_asks_one_statement(
    desk: Desk, statements: StatementCounter
) -> None:
    sent = [str(await desk.send(f"Text number {number}.".encode())) for number in range(3)]
    client = desk.api.signed_in(desk.teacher)
    assert [file["id"] for file in items_of(await client.get(FILES))] == sent[::-1]
    page = data_of(await client.get(f"{FILES}?limit=2"))
    rest = data_of(await client.get(f"{FILES}?limit=2&cursor={page['next_cursor']}"))
    assert [file["id"] for file in rest["items"]] == sent[:1]
    with statements.counting() as counted:
        await client.get(FILES)
    assert len(counted) <= 3


async def test_nobody_sees_the_files_of_others(desk: Desk, world: World) -> None:
    file_id = await desk.send(lesson_txt())
    others = [
        desk.bench.schools[0].teacher,
        desk.bench.schools[1].teacher,
        world.districts[1].schools[0].teacher,
    ]
    for user in others:
        client = desk.api.signed_in(user)
        assert str(file_id) not in [file["id"] for file in items_of(await client.get(FILES))]
        for answer in (await client.get(f"{FILES}/{file_id}"), await client.delete(f"{FILES}/{file_id}")):
            refusal_of(answer, 404, "not_found")
    for user in (desk.bench.schools[0].student, desk.bench.schools[0].admin):
        refusal_of(await desk.post(lesson_txt(), user=user), 403, "forbidden")
    refusal_of(await desk.api.anonymous.get(f"{FILES}/{file_id}"), 401)


async def test_a_file_taken_back_leaves_only_the_evidence(desk: Desk, rows: Session) -> None:
    file_id = await desk.send(lesson_txt())
    client = desk.api.signed_in(desk.teacher)
    assert data_of(await client.delete(f"{FILES}/{file_id}"))["id"] == str(file_id)
    refusal_of(await client.get(f"{FILES}/{file_id}"), 404)
    refusal_of(await client.delete(f"{FILES}/{file_id}"), 404)
    assert await desk.keys() == []
    row = desk.row(file_id)
    assert (row.object_key, row.extraction) == (None, None)
    job = data_of(await client.get(f"/api/v1/jobs/{row.job_id}"))
    assert job["status"] == JobStatus.CANCELLED
    (removal,) = rows.scalars(select(FileRemoval).where(FileRemoval.file_id == file_id))
    assert removal.reason == "deleted"
    await desk.work(file_id)  # its job comes later, and finds nothing to do
    refusal_of(await client.get(f"{FILES}/{new_id()}"), 404)


async def test_a_slow_sender_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\na'
        await asyncio.sleep(20)

    monkeypatch.setattr(receiving, "IDLE_SECONDS", 0.2)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer: httpx2.Response = await desk.api.signed_in(desk.teacher).post(
        FILES, content=pieces(), headers=headers
    )
    refusal_of(answer, 408, "upload_timed_out")


async def test_the_answer_of_a_student_is_refused_before_the_body_is_read(desk: Desk, api: Api) -> None:
    student = desk.bench.schools[0].student
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"a" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    refusal_of(await api.signed_in(student).post(FILES, content=pieces(), headers=headers), 403)
    assert read < 100
