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
from core.emit import Emitter
from core.errors import UnavailableError
from core.key_file import KeyFile
from core.logs import configure_logs
from realtime.counters import Counters
from realtime.desk import Desk
from realtime.redis_channel import RedisChannel, channel_for
from realtime.revocations import Revocations
from realtime.services import Services

LARGEST_FRAME = 64 * 1024
"""Bytes a client may send at once."""


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
        client_manager=channel_for(settings.redis_url),
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
    emitter = Emitter(server.manager)
    database = Database.from_settings(settings, emitter)
    pages.state.database = database
    desk = Desk(Services(settings, KeyFile(settings.keys_path), database, clock, emitter, server))
    revocations = Revocations(desk.services, desk.connections)
    counters = Counters(desk.services, desk.connections)
    server.on("connect", desk.connect)
    server.on("disconnect", desk.disconnect)
    server.on("*", desk.receive)
    try:
        await check_role(database)
        _listen(server)
        revocations.start()
        counters.start()
        yield
    finally:
        await counters.close()
        await revocations.close()
        desk.connections.remove_all()
        if isinstance(server.manager, RedisChannel):
            await server.manager.close()
        await server.shutdown()
        await database.close()


def _listen(server: socketio.AsyncServer) -> None:
    """Subscribe now: the library would wait for the first socket, which could then miss its first events."""
    server.manager_initialized = True
    server.manager.initialize()


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
