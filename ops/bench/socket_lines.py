"""Thousands of Socket.IO clients in one process, each a bare connection and a few bytes: they share the cores."""

import asyncio
import base64
import json
import os
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any

from ops.stack.ports import LOOPBACK

_MASK = b"\0\0\0\0"
"""Frames of clients carry a mask; this one changes nothing."""
_TEXT, _PING, _PONG = 0x81, 0x89, 0x8A
_REQUEST = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
)

Heard = Callable[[str], None]
"""Called with each event's packet, when it has arrived."""


class Line(asyncio.Protocol):
    """One client: connects to the namespace, answers pings, and passes events on."""

    def __init__(self, auth: dict[str, Any], heard: Heard) -> None:
        self.connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._auth = auth
        self._heard = heard
        self._buffer = bytearray()
        self._is_open = False
        self._ended = asyncio.Event()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection hands over
        self._transport = transport
        host = "{}:{}".format(*transport.get_extra_info("peername"))
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(_REQUEST.format(host=host, key=key).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            head, divider, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not divider:
                return
            if b" 101 " not in head.splitlines()[0]:
                self._fail(head.decode(errors="replace"))
                return
            self._is_open, self._buffer = True, bytearray(rest)
        while (frame := self._next_frame()) is not None:
            kind, content = frame
            if kind == _PING:
                self._send(_PONG, content)
            elif kind == _TEXT:
                self._take(content.decode())

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the line was cut: {exc}")
        self._ended.set()

    async def close(self) -> None:
        """End the connection and wait until it has."""
        if self._transport is not None:
            self._transport.abort()
            await self._ended.wait()

    def _next_frame(self) -> tuple[int, bytes] | None:
        """Return kind and content of the next whole frame; None when there is none yet."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            if len(buffer) < 4:
                return None
            (size,) = struct.unpack(">H", buffer[2:4])
            start = 4
        if len(buffer) < start + size:
            return None
        frame = buffer[0], bytes(buffer[start : start + size])
        del buffer[: start + size]
        return frame

    def _take(self, packet: str) -> None:
        if packet.startswith("42"):
            self._heard(packet)
        elif packet == "2":
            self._send(_TEXT, b"3")
        elif packet.startswith("0"):
            self._send(_TEXT, b"40" + json.dumps(self._auth).encode())
        elif packet.startswith("40") and not self.connected.done():
            self.connected.set_result(None)
        elif packet.startswith("44"):
            self._fail(packet)

    def _send(self, kind: int, content: bytes) -> None:
        size = len(content)
        head = bytes([kind, 0x80 | size]) if size < 126 else bytes([kind, 0xFE]) + struct.pack(">H", size)
        if self._transport is not None:
            self._transport.write(head + _MASK + content)

    def _fail(self, why: str) -> None:
        if not self.connected.done():
            self.connected.set_exception(ConnectionError(why))


async def connected_lines(
    port: int, auths: Sequence[dict[str, Any]], heard: Heard, *, at_once: int
) -> tuple[list[Line], list[float]]:
    """Connect one client for each `auth`; returns them with the milliseconds each took. Raises ConnectionError."""
    places, milliseconds = asyncio.Semaphore(at_once), list[float]()

    async def connect(auth: dict[str, Any]) -> Line:
        async with places:
            started = time.perf_counter()
            loop = asyncio.get_running_loop()
            _, line = await loop.create_connection(lambda: Line(auth, heard), LOOPBACK, port)
            await line.connected
            milliseconds.append((time.perf_counter() - started) * 1000)
            return line

    lines = await asyncio.gather(*(connect(auth) for auth in auths))
    return list(lines), milliseconds
