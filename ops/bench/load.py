"""A light client: raw HTTP/1.1 over connections that stay open, because it shares the cores with what it measures."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ops.bench.rounds import Comparison, Load, compare
from ops.stack.ports import LOOPBACK

_LENGTH = b"content-length: "


@dataclass(frozen=True)
class Side:
    """A server and the requests meant for it, none of them sent twice."""

    port: int
    requests: Iterator[bytes]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Requests of a round and before the first one, rounds, clients, and how many things a request carries."""

    requests: int
    warm_up: int
    rounds: int
    clients: int
    per_request: int = 1


class UnexpectedAnswerError(Exception):
    """The server answered something else than success; what was measured is not what was meant."""


def post(path: str, body: Any, headers: Mapping[str, str]) -> bytes:
    """Return a whole POST request, so that the measured time is spent on sending only."""
    content = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: bench", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(content)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def get(path: str, headers: Mapping[str, str]) -> bytes:
    """Return a whole GET request."""
    lines = [f"GET {path} HTTP/1.1", "Host: bench", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def interleaved(ours: Side, reference: Side, sizes: Sizes) -> Comparison:
    """Warm both sides up, then run them in turns."""

    async def run(side: Side, count: int) -> Load:
        requests = list(islice(side.requests, count))
        return await drive(side.port, requests, clients=sizes.clients, per_request=sizes.per_request)

    await run(reference, sizes.warm_up)
    await run(ours, sizes.warm_up)
    return await compare(
        lambda: run(ours, sizes.requests), lambda: run(reference, sizes.requests), sizes.rounds
    )


async def drive(port: int, requests: Sequence[bytes], *, clients: int, per_request: int = 1) -> Load:
    """Send the requests in order over `clients` connections, each waiting for its answer.

    `per_request` is how many things one request carries. Raises UnexpectedAnswerError for anything but a 2xx.
    """
    waiting = iter(requests)
    milliseconds: list[float] = []
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(_one_client(port, waiting, milliseconds))
    elapsed = time.perf_counter() - started
    return Load(len(requests) * per_request / elapsed, milliseconds)


async def arrive(port: int, requests: Sequence[bytes], *, per_second: float) -> Load:
    """Send each request when its time has come, whether or not earlier ones are answered: people do not queue.

    Raises UnexpectedAnswerError for anything but a 2xx.
    """
    milliseconds: list[float] = []

    async def one(number: int, request: bytes) -> None:
        await asyncio.sleep(number / per_second)
        await _one_client(port, iter([request]), milliseconds)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, request in enumerate(requests):
            group.create_task(one(number, request))
    return Load(len(requests) / (time.perf_counter() - started), milliseconds)


async def _one_client(port: int, waiting: Iterator[bytes], milliseconds: list[float]) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        for request in waiting:
            sent = time.perf_counter()
            writer.write(request)
            await _success(reader)
            milliseconds.append((time.perf_counter() - sent) * 1000)
    finally:
        writer.close()
        await writer.wait_closed()


async def _success(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    at = head.index(_LENGTH) + len(_LENGTH)
    body = await reader.readexactly(int(head[at : head.index(b"\r", at)]))
    if not head.startswith(b"http/1.1 2"):
        raise UnexpectedAnswerError(f"{head.decode().splitlines()[0]}: {body[:500].decode()}")
    return body
