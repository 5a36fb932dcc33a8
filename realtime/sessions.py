"""The life of a socket's session: it begins with a token, is renewed in place, and ends with its last token."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.errors import UnavailableError
from core.tenancy import Actor
from core.tokens import InvalidTokenError, VerifiedToken
from realtime import queries
from realtime.connections import Connection
from realtime.farewell import hang_up
from realtime.services import Incoming, Services, require_active

WARNING = timedelta(seconds=60)
"""How long before the end of its token a socket hears `session:expiring`."""


class TooManyConnectionsError(UnavailableError):
    """This server has as many connections as it takes; try again in a moment."""

    code = "too_many_connections"


class RefreshRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str


async def open_session(services: Services, socket_id: str, token: Any) -> Connection:
    """Return the connection a handshake's token opens; its person hears what happens from then on.

    Raises InvalidTokenError for a bad token or a closed account, SessionEndedError for an ended session,
    UnavailableError when nobody can tell, TooManyConnectionsError when this node is full.
    """
    if len(services.connections) >= services.settings.sockets_per_node:
        raise TooManyConnectionsError
    verified = services.verified(token)
    actor = verified.actor
    transport_id = services.server.manager.eio_sid_from_sid(socket_id, "/")
    connection = Connection(socket_id, transport_id, actor, verified.expires_at)
    services.delivery.expect(connection)
    try:
        async with services.database.tenant_transaction(actor.context) as session:
            await require_active(session, services, actor)
            last_seq = await session.scalar(queries.last_event_number(actor)) or 0
    except BaseException:
        services.delivery.forget(connection.person)
        raise
    services.connections.add(connection)
    services.attendance.sign_of_life(connection)
    await services.delivery.begin(connection, last_seq)
    _watch_end(services, connection)
    return connection


async def refresh(incoming: Incoming, request: RefreshRequest) -> dict[str, Any]:
    """Live on with a fresh token of the same person. Raises InvalidTokenError for any other token."""
    verified = incoming.services.verified(request.token)
    if _person(verified) != _person_of(incoming.actor):
        raise InvalidTokenError
    await require_active(incoming.session, incoming.services, verified.actor)
    incoming.connection.renew(verified)
    return {"expires_at": verified.expires_at.isoformat()}


def _person(verified: VerifiedToken) -> tuple[Any, ...]:
    return _person_of(verified.actor)


def _person_of(actor: Actor) -> tuple[Any, ...]:
    """Everything the rooms and permissions of a socket rest on; the device's session may differ."""
    return actor.tenant, actor.school_id, actor.user_id, actor.role


def _watch_end(services: Services, connection: Connection) -> None:
    """Warn a minute before the token ends, and disconnect when it has; a renewal moves both.

    A timer, because a waiting task for each socket is a twentieth of what the socket costs.
    """
    left = connection.expires_at - services.clock()
    if left <= timedelta():
        _in_background(hang_up(services.server, connection.socket_id))
        return
    if left <= WARNING and connection.warned_of != connection.expires_at:
        connection.warned_of = connection.expires_at
        _in_background(_warn(services, connection))
    seconds = (left - WARNING).total_seconds() if left > WARNING else min(left.total_seconds(), 1.0)
    connection.timer = asyncio.get_running_loop().call_later(seconds, _watch_end, services, connection)


_under_way: set[asyncio.Task[None]] = set()
"""Somebody must hold a task until it has ended."""


def _in_background(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def _warn(services: Services, connection: Connection) -> None:
    end = {"expires_at": connection.expires_at.isoformat()}
    await services.delivery.to_socket(connection, "session:expiring", end)
