"""`class:live`: how far a class is with what it works on, counted once a second while somebody watches.

Nothing is counted for a class that nobody watches, and answering costs nothing more than it did: we look, nobody
tells us. Each node looks for its own watchers, with the database alone.
"""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import run
from core.domain.stuck import reasons_stuck
from core.tenancy import Actor
from realtime import queries
from realtime.connections import Connection
from realtime.services import Services

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 0.75
LESSON = timedelta(hours=12)
"""Older attempts are not what a class is working on."""
_UNIX_MILLISECONDS_SHIFT = 80


async def count_class(
    session: AsyncSession, actor: Actor, class_id: UUID, *, now: datetime
) -> dict[str, Any]:
    """Return the counters of a class's attempts of the last twelve hours, by assignment (two statements)."""
    keys = {"district_id": actor.district_id, "class_id": class_id}
    enrolled = (await run(session, queries.ENROLLED, keys)).scalar_one()
    since = UUID(int=int((now - LESSON).timestamp() * 1000) << _UNIX_MILLISECONDS_SHIFT)
    rows = await run(session, queries.ATTEMPTS_UNDER_WAY, {**keys, "since": since})
    by_assignment: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_assignment[row.assignment_id].append(row)
    return {
        "class_id": str(class_id),
        "enrolled": enrolled,
        "assignments": [
            _counted(assignment_id, attempts, now)
            for assignment_id, attempts in sorted(by_assignment.items())
        ],
    }


def _counted(assignment_id: UUID, attempts: list[Row[Any]], now: datetime) -> dict[str, Any]:
    open_ones = [attempt for attempt in attempts if attempt.is_open]
    stuck = [
        {"student_id": str(attempt.student_id), "reasons": reasons}
        for attempt in open_ones
        if (
            reasons := reasons_stuck(
                last_active_at=attempt.active_at, newest_first=attempt.newest or [], now=now
            )
        )
    ]
    return {
        "assignment_id": str(assignment_id),
        "working": len({attempt.student_id for attempt in open_ones}),
        "handed_in": len({attempt.student_id for attempt in attempts if not attempt.is_open}),
        "answered": sum(attempt.answered for attempt in attempts),
        "correct": sum(attempt.correct for attempt in attempts),
        "waiting": sum(attempt.waiting for attempt in attempts),
        "stuck": stuck,
    }


class Counters:
    """Counts what this node's sockets watch; `start` when the server starts, `close` when it ends."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._last: dict[UUID, dict[str, Any]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._look_for_ever())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> None:
        """Count every watched class once and tell its watchers what changed."""
        watchers: dict[UUID, list[Connection]] = defaultdict(list)
        for connection in self._services.connections:
            for class_id in connection.watching:
                watchers[class_id].append(connection)
        self._last = {class_id: told for class_id, told in self._last.items() if class_id in watchers}
        for class_id, connections in watchers.items():
            await self._tell(class_id, connections)

    async def _tell(self, class_id: UUID, watchers: list[Connection]) -> None:
        """Count with the right of one who may; a class has one teacher, who may be another than a second ago."""
        now = self._services.clock()
        allowed = await self._allowed(class_id, watchers)
        if not allowed:
            return
        actor = allowed[0].actor
        async with self._services.database.tenant_transaction(actor.context) as session:
            counted = await count_class(session, actor, class_id, now=now)
        if self._last.get(class_id) == counted:
            return
        self._last[class_id] = counted
        told = {**counted, "as_of": now.isoformat()}
        for connection in allowed:
            await self._services.delivery.to_socket(connection, "class:live", told)

    async def _allowed(self, class_id: UUID, watchers: list[Connection]) -> list[Connection]:
        """Return those who still teach the class, one look for each person; the others watch it no more."""
        teaches: dict[UUID, bool] = {}
        for connection in watchers:
            actor = connection.actor
            if actor.user_id not in teaches:
                async with self._services.database.tenant_transaction(actor.context) as session:
                    found = await session.scalar(queries.taught_class(actor, class_id))
                teaches[actor.user_id] = found is not None
            if not teaches[actor.user_id]:
                connection.watching.discard(class_id)
        return [connection for connection in watchers if teaches[connection.actor.user_id]]

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                logger.warning("classes_not_counted", error=type(error).__name__)
