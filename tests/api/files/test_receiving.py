"""One file of a form: counted while it comes in, kept on disk, gone afterwards."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import Iterable

import pytest
from starlette.requests import Request
from starlette.types import Message

from api.files.receiving import (
    MOST_BYTES,
    FileTooLargeError,
    Received,
    UploadInvalidError,
    UploadTimedOutError,
    label_of,
    received_file,
)
from core.errors import AppError

KIND = "multipart/form-data; boundary=line"


def part(content: bytes, *, name: str = "file", filename: str = "a.pdf") -> bytes:
    head = f'--line\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    return head.encode() + content + b"\r\n"


def request(
    pieces: Iterable[bytes], *, kind: str = KIND, length: int | None = None, stops: bool = False
) -> Request:
    coming = iter(pieces)

    async def receive() -> Message:
        piece = next(coming, None)
        if piece is None and stops:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    headers = [(b"content-type", kind.encode())]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


async def take(asked: Request) -> tuple[Received, bytes]:
    async with received_file(asked, idle_seconds=0.2) as received:
        content = received.path.read_bytes()
    assert not received.path.parent.exists()
    return received, content


@pytest.mark.parametrize("size", [1, 7, 65_536])
async def test_a_file_arrives_whole_however_it_is_cut(size: int) -> None:
    content = b"--lin\r\n--line" * 9
    content = content.replace(b"\r\n--line", b"\r\n-line")
    body = part(b"other", name="note") + part(content, filename="M\u00e4rz.pdf") + b"--line--\r\n"
    received, kept = await take(request(cut(body, size)))
    assert kept == content
    assert (received.label, received.byte_count) == ("März.pdf", len(content))
    assert received.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("more", [0, 1])
async def test_ten_megabytes_are_taken_and_a_byte_more_is_not(more: int) -> None:
    body = part(b"a" * (MOST_BYTES + more)) + b"--line--\r\n"
    if more:
        with pytest.raises(FileTooLargeError):
            await take(request(cut(body, 65_536)))
    else:
        received, _ = await take(request(cut(body, 65_536)))
        assert received.byte_count == MOST_BYTES


async def test_a_stream_without_end_is_stopped_and_never_held_in_memory() -> None:
    sent = 0

    def endless() -> Iterable[bytes]:
        nonlocal sent
        yield part(b"")[:-2]
        while True:
            sent += 65_536
            yield b"a" * 65_536

    tracemalloc.start()
    with pytest.raises(FileTooLargeError):
        await take(request(endless()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent <= MOST_BYTES + 3 * 65_536
    assert peak < 2 * 1024 * 1024


async def test_a_declared_length_too_large_is_refused_before_a_byte_is_read() -> None:
    with pytest.raises(FileTooLargeError):
        await take(request([], length=11 * 1024 * 1024, stops=True))


async def test_who_stands_still_is_not_waited_for() -> None:
    with pytest.raises(UploadTimedOutError):
        await take(request([part(b"a")], stops=True))


BAD = {
    "no form": request([b"{}"], kind="application/json"),
    "no boundary": request([b""], kind="multipart/form-data"),
    "no file": request([part(b"a", name="note") + b"--line--\r\n"]),
    "two files": request([part(b"a") + part(b"b") + b"--line--\r\n"]),
    "cut off": request([part(b"a")]),
    "no multipart": request([b"hello"]),
    "endless header": request([b"--line\r\nA: " + b"a" * 20_000]),
}


@pytest.mark.parametrize("name", sorted(BAD))
async def test_what_is_no_form_with_one_file_is_refused(name: str) -> None:
    with pytest.raises(UploadInvalidError) as caught:
        await take(BAD[name])
    assert isinstance(caught.value, AppError)
    assert caught.value.status == 422


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
        ("a\0.pdf", "a.pdf"),
        ("\u202efdp.a", "fdp.a"),
        ("CON", "CON"),
        ("a" * 4096, "a" * 255),
        ("..", ".."),
        ("/", "file"),
        ("", "file"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_a_name_is_a_label_and_nothing_else(name: str, label: str) -> None:
    assert label_of(name) == label
