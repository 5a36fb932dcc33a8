"""The reference: python-socketio as its documentation starts it, with one room for all and one for the first few.

Other processes speak to it through its own Redis manager, as the API does to ours.
"""

import os
from typing import Any

import socketio

CHANNEL = "bench-bare"
EVERYBODY, FEW = "everybody", "few"

server = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=socketio.AsyncRedisManager(os.environ.get("BENCH_REDIS_URL", "redis://"), channel=CHANNEL),
)
app = socketio.ASGIApp(server)


async def connect(socket_id: str, _environ: Any, auth: dict[str, Any]) -> None:
    """Take everybody; whoever says so belongs to the few."""
    await server.enter_room(socket_id, EVERYBODY)
    if auth["is_of_few"]:
        await server.enter_room(socket_id, FEW)


server.on("connect", connect)
