"""Sessions that end while their sockets are open: told by Redis at once, found by a look every half minute.

The look asks PostgreSQL about all sockets of this process in one statement, so it needs no Redis, and also finds
what nobody announced: a person disabled or moved by hand.
"""

import asyncio
import json
from collections.abc import Collection
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from realtime import queries
from realtime.connections import Connection
from realtime.farewell import hang_up
from realtime.services import Services

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 30.0


class Revocations:
    """Hangs up the sockets of ended sessions; `start` when the server starts, `close` when it ends."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._look_for_ever())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def receive(self, text: bytes) -> None:
        """Hang up what another program says has ended. Raises ValueError for what it cannot read."""
        await self.hang_up_ended({UUID(each) for each in json.loads(text)["sessions"]})

    async def hang_up_ended(self, session_ids: Collection[UUID]) -> None:
        """Hang up every socket of these sessions."""
        ended = [each for each in self._services.connections if each.actor.session_id in session_ids]
        await asyncio.gather(*(self._hang_up(each) for each in ended))

    async def look(self) -> None:
        """Hang up every socket whose session PostgreSQL no longer knows alive."""
        asked = {each.actor.session_id for each in self._services.connections}
        if not asked:
            return
        wanted = {"session_ids": list(asked), "now": self._services.clock()}
        async with self._services.database.auth_session() as session:
            living = set(await session.scalars(queries.LIVING_SESSIONS, wanted))
        await self.hang_up_ended(asked - living)

    async def _hang_up(self, connection: Connection) -> None:
        try:
            await hang_up(self._services.server, connection.socket_id)
        except Exception as error:  # noqa: BLE001 - one socket's trouble must not keep another's open
            logger.warning("hang_up_failed", error=type(error).__name__)

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                logger.warning("sessions_not_looked_at", error=type(error).__name__)
