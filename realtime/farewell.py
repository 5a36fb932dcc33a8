"""The end of a socket, whatever ends it."""

import asyncio
from contextlib import suppress

import socketio

FAREWELL_SECONDS = 2.0
"""How long a client that reads slowly may take to hear that it is over."""


async def hang_up(server: socketio.AsyncServer, socket_id: str) -> None:
    """Tell a socket that it is over and close its transport: the library leaves that to the client's good will."""
    transport_id = server.manager.eio_sid_from_sid(socket_id, "/")
    if transport_id is None:
        return
    send = server.get_environ(socket_id)["asgi.send"]
    await server.disconnect(socket_id)
    with suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await server.eio.disconnect(transport_id)
    with suppress(RuntimeError):  # the client was quicker
        await send({"type": "websocket.close"})
