"""The client, against a server of a few lines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ops.bench.load import Side, Sizes, UnexpectedAnswerError, arrive, drive, interleaved, post


@asynccontextmanager
async def server(status: str = "201 Created") -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answers every request with `status`; yields its port and the first lines and bodies it has seen."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
                seen.append(head.splitlines()[0] + b" " + await reader.readexactly(length))
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 4\r\nX-More: 1\r\n\r\nbody".encode())
        except asyncio.IncompleteReadError:
            writer.close()
            await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1], seen


async def test_every_request_is_sent_once_and_timed() -> None:
    requests = [post(f"/{number}", {"n": number}, {}) for number in range(50)]
    async with server() as (port, seen):
        load = await drive(port, requests, clients=8, per_request=3)
    assert sorted(seen) == sorted(f'POST /{n} HTTP/1.1 {{"n": {n}}}'.encode() for n in range(50))
    assert len(load.milliseconds) == 50
    assert load.per_second > 0


async def test_arrivals_keep_their_pace_and_wait_for_nobody() -> None:
    requests = [post(f"/{number}", {}, {}) for number in range(10)]
    async with server() as (port, seen):
        load = await arrive(port, requests, per_second=50)
    assert len(seen) == len(load.milliseconds) == 10
    assert load.per_second <= 10 / 0.18


async def test_headers_travel_with_the_request() -> None:
    assert b"\r\nAuthorization: Bearer x\r\n" in post("/", {}, {"Authorization": "Bearer x"})


async def test_an_error_answer_ends_the_measurement() -> None:
    async with server("500 Internal Server Error") as (port, _):
        with pytest.raises(ExceptionGroup) as caught:
            await drive(port, [post("/", {}, {})], clients=1)
    assert caught.group_contains(UnexpectedAnswerError, match="500")


async def test_no_request_is_used_twice_between_warm_up_and_rounds() -> None:
    async with server() as (port, seen):
        ours = Side(port, iter([post(f"/ours/{number}", {}, {}) for number in range(20)]))
        reference = Side(port, iter([post(f"/reference/{number}", {}, {}) for number in range(20)]))
        await interleaved(ours, reference, Sizes(requests=4, warm_up=2, rounds=3, clients=2))
    assert len(seen) == len(set(seen)) == 2 * (2 + 3 * 4)
