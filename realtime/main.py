"""The sockets: what happens is delivered at once, and pulled by number where that failed.

Start it with `uvicorn realtime.main:app`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import socketio
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.config import Settings, get_settings
from core.db import Database, check_role
from core.emit import USERS_CHANNEL, Emitter, emitter_for, publisher_for
from core.errors import UnavailableError
from core.key_file import KeyFile
from core.logs import configure_logs
from core.session_marks import ENDED_CHANNEL
from realtime.attendance import PRESENCE_CHANNEL, Attendance
from realtime.connections import Connections
from realtime.counters import Counters
from realtime.delivery import Delivery
from realtime.desk import Desk
from realtime.revocations import Revocations
from realtime.services import Services
from realtime.subscription import Subscription

LARGEST_FRAME = 64 * 1024
"""Bytes a client may send at once."""


Background = Subscription | Delivery | Attendance | Revocations | Counters
"""What runs beside the handlers, from `start` to `close`."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] = utc_now) -> socketio.ASGIApp:
    """Build the ASGI application: sockets under `/socket.io`, `/healthz` and `/readyz` beside them."""
    settings = settings or get_settings()
    configure_logs(settings.log_level)
    server = _socket_server(settings)
    pages = Starlette(
        routes=[Route("/healthz", _is_alive), Route("/readyz", _is_ready)],
        lifespan=lambda pages: _lifespan(pages, server, settings, clock),
    )
    return socketio.ASGIApp(server, other_asgi_app=pages)


def _socket_server(settings: Settings) -> socketio.AsyncServer:
    return socketio.AsyncServer(
        async_mode="asgi",
        transports=["websocket"],
        max_http_buffer_size=LARGEST_FRAME,
        # A callable, because the library takes an empty list for "everybody".
        cors_allowed_origins=lambda origin, environ: _is_welcome(origin, environ, settings),
        namespaces=["/"],
    )


def _is_welcome(origin: str, environ: Mapping[str, str], settings: Settings) -> bool:
    """Accept the origins of the settings and our own, which some libraries without a page claim to come from."""
    return origin in settings.allowed_origins or urlsplit(origin).netloc == environ.get("HTTP_HOST")


@asynccontextmanager
async def _lifespan(
    pages: Starlette, server: socketio.AsyncServer, settings: Settings, clock: Callable[[], datetime]
) -> AsyncIterator[None]:
    node = _node(server, settings, clock)
    pages.state.database = node.database
    desk, revocations, counters = Desk(node), Revocations(node), Counters(node)
    server.on("connect", desk.connect)
    server.on("disconnect", desk.disconnect)
    server.on("*", desk.receive)
    receivers = {
        USERS_CHANNEL: node.delivery.receive,
        ENDED_CHANNEL: revocations.receive,
        PRESENCE_CHANNEL: node.attendance.receive,
    }
    hints = Subscription(settings.sockets_redis_url, receivers)
    tasks: list[Background] = [hints, node.delivery, node.attendance, revocations, counters]
    try:
        await check_role(node.database)
        for task in tasks:
            task.start()
        yield
    finally:
        for task in reversed(tasks):
            await task.close()
        node.connections.remove_all()
        await server.shutdown()
        await node.database.close()


def _node(server: socketio.AsyncServer, settings: Settings, clock: Callable[[], datetime]) -> Services:
    """Put together what handlers reach for: what they commit is told to this node's own sockets without Redis."""
    connections = Connections()
    database = Database.from_settings(settings, emitter_for(""))
    delivery = Delivery(server, database, connections, publisher_for(settings.sockets_redis_url))
    database.emitter = Emitter(delivery)
    return Services(
        settings,
        KeyFile(settings.keys_path),
        database,
        clock,
        database.emitter,
        server,
        connections,
        delivery,
        Attendance(delivery, database, settings, clock),
    )


async def _is_alive(_request: Request) -> JSONResponse:
    """The process answers."""
    return JSONResponse(_envelope({"status": "alive"}))


async def _is_ready(request: Request) -> JSONResponse:
    """PostgreSQL answers. Redis may be away: clients pull what they miss."""
    database: Database = request.app.state.database
    try:
        async with database.auth_session() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return _unavailable()
    return JSONResponse(_envelope({"status": "ready"}))


def _unavailable() -> JSONResponse:
    error = UnavailableError()
    problem = {"code": error.code, "message": error.message, "field": None}
    body = {"success": False, "data": None, "message": error.message, "errors": [problem]}
    return JSONResponse(body, error.status, headers={"Retry-After": str(error.retry_after)})


def _envelope(data: dict[str, Any]) -> dict[str, Any]:
    return {"success": True, "data": data, "message": None, "errors": []}


app = create_app()
