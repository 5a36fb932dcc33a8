"""Where client events arrive: counted, checked against the table, answered inside one transaction."""

import time
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError
from socketio.exceptions import ConnectionRefusedError as HandshakeRefusedError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession

from core.consents import require_consent
from core.errors import AppError, ForbiddenError, InvalidInputError, UnauthenticatedError, from_database
from core.permissions import may
from core.tenancy import Actor
from realtime.answers import accepted, refused
from realtime.client_events import CLIENT_EVENTS, ClientEvent
from realtime.connections import Connection
from realtime.farewell import hang_up
from realtime.services import Incoming, Services
from realtime.sessions import open_session

logger = structlog.get_logger(__name__)


class UnknownEventError(InvalidInputError):
    """There is no such event."""

    code = "unknown_event"


class Desk:
    """Answers the sockets of one server."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.connections = services.connections

    async def connect(self, socket_id: str, _environ: Any = None, auth: Any = None) -> None:
        """Let a socket in with a good token. Refuses with a stable `code` beside the sentence."""
        if self.connections.get(socket_id) is not None:
            return  # an ordinary event that a client named `connect`: the handshake is over
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            await open_session(self.services, socket_id, token)
        except Exception as error:  # noqa: BLE001 - whatever happened, the client learns a code and nothing else
            known = _as_app_error(error, "connect")
            raise HandshakeRefusedError(known.message, {"code": known.code}) from None

    async def disconnect(self, socket_id: str, *_reason: Any) -> None:
        """Forget a socket that has gone; an ordinary event that a client named `disconnect` changes nothing."""
        connection = self.connections.get(socket_id)
        if connection is not None and not self.services.server.manager.is_connected(socket_id, "/"):
            self.connections.remove(socket_id)
            self.services.delivery.forget(connection.person)
            self.services.attendance.left(connection)

    async def receive(self, event: str, socket_id: str, *arguments: Any) -> dict[str, Any]:
        """Answer any client event: `{ok, data}` or `{ok, error: {code, message}}`, whatever happens."""
        if self.connections.get(event) is not None:
            return refused(UnknownEventError())  # an event named `*` comes to us without its name
        connection = self.connections.get(socket_id)
        if connection is None:
            return refused(UnauthenticatedError())
        try:
            connection.bucket.take(time.monotonic())
            self.services.attendance.sign_of_life(connection)
            return accepted(await self._carry_out(connection, _known(event), arguments))
        except Exception as error:  # noqa: BLE001 - the client learns a code; the log learns the rest
            if connection.bucket.is_flooded:
                await hang_up(self.services.server, socket_id)
            return refused(_as_app_error(error, event))

    async def _carry_out(
        self, connection: Connection, known: ClientEvent, arguments: tuple[Any, ...]
    ) -> dict[str, Any]:
        if not may(connection.actor.role, known.permission):
            raise ForbiddenError
        body = _parsed(known.body, arguments)
        async with self.services.database.tenant_transaction(connection.actor.context) as session:
            await _require_consent(session, connection.actor, known)
            return await known.answer(Incoming(connection, session, self.services), body)


async def _require_consent(session: AsyncSession, actor: Actor, known: ClientEvent) -> None:
    if known.consent is not None and actor.needs_consent:
        await require_consent(session, actor.tenant, actor.user_id, known.consent)


def _known(event: str) -> ClientEvent:
    try:
        return CLIENT_EVENTS[event]
    except KeyError:
        raise UnknownEventError from None


def _parsed(body: type[BaseModel], arguments: tuple[Any, ...]) -> BaseModel:
    """Read the one JSON object an event carries. Raises InvalidInputError that names the field."""
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise InvalidInputError("Send one object with this event.")
    try:
        return body.model_validate(arguments[0])
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInputError(f"{field}: {first['msg']}", field=field) from None


def _as_app_error(error: Exception, event: str) -> AppError:
    if isinstance(error, AppError):
        return error
    known = from_database(error) if isinstance(error, DBAPIError | PoolTimeoutError) else AppError()
    if known.status == AppError.status:
        name = event if event in CLIENT_EVENTS else "other"
        logger.error("socket_event_failed", client_event=name, exc_info=error)
    return known
