"""A client of clamd's INSTREAM command: the file travels over the socket, so the scanner needs no access to our disk.

Anything but a clear verdict is none: `ScannerUnavailableError`, and the caller tries again later.
See clamd(8), COMMANDS.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from api.files.errors import ScannerUnavailableError

CHUNK_BYTES = 64 * 1024
_LONGEST_REPLY = 4_096
_DEFAULT_PORT = 3310


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """Where clamd listens: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`; and how long it may take."""

    url: str
    connect_seconds: float = 5
    scan_seconds: float = 60

    async def scan(self, path: Path) -> str | None:
        """Return the name of what was found in a file, or None. Raises ScannerUnavailableError."""
        try:
            async with asyncio.timeout(self.scan_seconds), self._connection() as (reader, writer):
                reply = await _converse(reader, writer, path)
        except (OSError, TimeoutError, EOFError) as error:
            raise ScannerUnavailableError(type(error).__name__) from error
        return _verdict(reply)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        async with asyncio.timeout(self.connect_seconds):
            reader, writer = await self._open()
        try:
            yield reader, writer
        finally:
            writer.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        address = urlsplit(self.url)
        if address.scheme == "unix":
            return await asyncio.open_unix_connection(address.path, limit=_LONGEST_REPLY)
        if address.scheme != "tcp" or address.hostname is None:
            raise ScannerUnavailableError("the scanner's address is neither tcp:// nor unix://")
        port = address.port or _DEFAULT_PORT
        return await asyncio.open_connection(address.hostname, port, limit=_LONGEST_REPLY)


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: Path) -> bytes:
    """Send the file and return the reply, which may come before the file has ended: beyond clamd's size limit."""
    sending = asyncio.create_task(_send(writer, path))
    try:
        return await _reply(reader)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(writer: asyncio.StreamWriter, path: Path) -> None:
    """Write the file as clamd wants it: each chunk after its length, and a length of zero at the end."""
    writer.write(b"zINSTREAM\0")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            writer.write(struct.pack(">I", len(chunk)) + chunk)
            await writer.drain()
    writer.write(struct.pack(">I", 0))
    await writer.drain()


async def _reply(reader: asyncio.StreamReader) -> bytes:
    """Raises EOFError when the scanner dies, and ScannerUnavailableError when it does not stop talking."""
    try:
        return await reader.readuntil(b"\0")
    except asyncio.LimitOverrunError as error:
        raise ScannerUnavailableError("the reply is too long") from error


def _verdict(reply: bytes) -> str | None:
    """Understand `stream: OK` and `stream: <name> FOUND`; nothing else is a verdict."""
    text = reply.rstrip(b"\0\n").decode("ascii", errors="replace")
    if text == "stream: OK":
        return None
    if text.startswith("stream: ") and text.endswith(" FOUND"):
        return text.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerUnavailableError(text[:200])
