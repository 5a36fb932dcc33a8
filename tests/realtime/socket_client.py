"""A Socket.IO v5 client of a few lines, so that tests can also send what a well-behaved library never would."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

_SECONDS = 20.0


class HandshakeRefusedError(Exception):
    """The server answered CONNECT_ERROR; the first argument is its payload."""


class SocketClient:
    """`async with SocketClient(url, token) as client`; received events wait in `client.events`."""

    def __init__(self, url: str, token: Any, *, origin: str | None = None) -> None:
        self._url = f"{url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        self._auth = {"token": token}
        self._origin = origin
        self._acknowledgements: dict[int, asyncio.Future[Any]] = {}
        self._opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked = 0
        self.events: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.was_told_to_leave = False

    async def __aenter__(self) -> Self:
        self._socket: ClientConnection = await connect(self._url, origin=self._origin, proxy=None)
        self._reader = asyncio.create_task(self._read())
        try:
            await self.send_raw("40" + json.dumps(self._auth))
            await asyncio.wait_for(asyncio.shield(self._opened), _SECONDS)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()
        await self._reader

    async def send_raw(self, packet: str | bytes) -> None:
        await self._socket.send(packet)

    async def ask(self, event: str, *arguments: Any) -> dict[str, Any]:
        """Send an event and return its acknowledgement."""
        self._asked += 1
        answer = asyncio.get_running_loop().create_future()
        self._acknowledgements[self._asked] = answer
        await self.send_raw(f"42{self._asked}{json.dumps([event, *arguments])}")
        return await asyncio.wait_for(answer, _SECONDS)

    async def next_event(self, seconds: float = _SECONDS) -> tuple[str, dict[str, Any]]:
        return await asyncio.wait_for(self.events.get(), seconds)

    async def hears_nothing_more(self) -> bool:
        """After a round trip, whatever the server had sent before it has arrived too."""
        await self.ask("sync", {"after_seq": 0})
        return self.events.empty()

    def stop_listening(self) -> None:
        """Read nothing more: what the server sends piles up on its way."""
        self._reader.cancel()

    def lose(self) -> None:
        """End the connection without a word."""
        self._socket.transport.abort()

    def listen_again(self) -> None:
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for packet in self._socket:
                await self._take(str(packet))
        except ConnectionClosed:
            pass
        self.closed.set()
        for waiting in self._acknowledgements.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("nobody will answer any more"))

    async def _take(self, packet: str) -> None:
        kind, content = packet[:2], packet[2:]
        if packet.startswith("2"):
            await self.send_raw("3")
        elif kind == "40":
            self._opened.set_result(json.loads(content))
        elif kind == "41":
            self.was_told_to_leave = True
        elif kind == "44":
            self._opened.set_exception(HandshakeRefusedError(json.loads(content)))
        elif kind == "42":
            name, data = json.loads(content)
            self.events.put_nowait((name, data))
        elif kind == "43":
            start = content.index("[")
            self._acknowledgements.pop(int(content[:start])).set_result(*json.loads(content[start:]))


Connected = Callable[..., SocketClient]
"""`async with connected(user) as client`: the fixture signs the user in."""
