"""What handlers reach for: the database, the keys, the time, the rooms. Made once when the server starts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import socketio
from sqlalchemy.ext.asyncio import AsyncSession

from core.config import Settings
from core.db import Database
from core.emit import Emitter
from core.key_file import KeyFile
from core.sessions import require_session
from core.tenancy import Actor
from core.tokens import InvalidTokenError, VerifiedToken, verify_token
from realtime import queries
from realtime.attendance import Attendance
from realtime.connections import Connection, Connections
from realtime.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Services:
    """The outside of a handler. `clock` returns the time in UTC."""

    settings: Settings
    keys: KeyFile
    database: Database
    clock: Callable[[], datetime]
    emitter: Emitter
    server: socketio.AsyncServer
    connections: Connections
    delivery: Delivery
    attendance: Attendance

    def verified(self, token: Any) -> VerifiedToken:
        """Return whom a client's token speaks for. Raises InvalidTokenError for anything but a good token."""
        if not isinstance(token, str):
            raise InvalidTokenError
        now = self.clock()
        return verify_token(token, self.keys.ring(now), issuer=self.settings.issuer, now=now)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One client event at work: its socket, its transaction (already the actor's tenant), the services."""

    connection: Connection
    session: AsyncSession
    services: Services

    @property
    def actor(self) -> Actor:
        return self.connection.actor


async def require_active(session: AsyncSession, services: Services, actor: Actor) -> None:
    """Raise InvalidTokenError when the account was closed, or changed its role or school, since the token,
    and SessionEndedError when the session behind it was ended.
    """
    if await session.scalar(queries.active_account(actor)) is None:
        raise InvalidTokenError
    await require_session(session, actor, services.clock())
