"""Background jobs: enqueued in the transaction that causes them, so neither is ever without the other.

Arguments are ids only. A job opens one tenant transaction, is safe to run twice, and a sweeper (in
`ops.worker`) requeues what a killed worker left behind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import procrastinate
from procrastinate.tasks import Task
from sqlalchemy.ext.asyncio import AsyncSession

from core.config import Settings
from core.db import Database
from core.key_file import KeyFile
from core.keys import KeyRing
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId

job_app = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Where tasks register. The API never opens its connector: it enqueues on the request's own connection."""

RETRIES = procrastinate.RetryStrategy(max_attempts=12, exponential_wait=2)
"""For every task: a database that restarts, or a provider that is away, must not lose a job (over an hour)."""


async def enqueue(
    session: AsyncSession, task: Task[Any, Any, Any], *, not_before: datetime | None = None, **ids: UUID
) -> int:
    """Enqueue `task` for the session's district in the session's transaction; returns the queue's own number.

    `not_before`: when its time comes; left out, at once.
    """
    context: TenantContext = session.info["context"]
    arguments = {"district_id": str(context.tenant), **_as_text(ids)}
    return await _defer(session, task, arguments, not_before)


async def enqueue_many(
    session: AsyncSession, task: Task[Any, Any, Any], ids: Sequence[dict[str, UUID]]
) -> list[int]:
    """Enqueue `task` once for each set of ids, as `enqueue` does, with one statement for all."""
    if not ids:
        return []
    context: TenantContext = session.info["context"]
    raw = await (await session.connection()).get_raw_connection()
    deferrer = task.configure(connection=raw.driver_connection)
    arguments: list[dict[str, Any]] = [{"district_id": str(context.tenant), **_as_text(one)} for one in ids]
    return await deferrer.batch_defer_async(*arguments)


async def enqueue_at_the_door(session: AsyncSession, task: Task[Any, Any, Any], **ids: UUID) -> int:
    """Enqueue `task` where the district is not known, or must not show; the task finds it out by itself."""
    return await _defer(session, task, _as_text(ids))


def _as_text(ids: dict[str, UUID]) -> dict[str, str]:
    return {name: str(value) for name, value in ids.items()}


async def _defer(
    session: AsyncSession,
    task: Task[Any, Any, Any],
    arguments: dict[str, str],
    not_before: datetime | None = None,
) -> int:
    raw = await (await session.connection()).get_raw_connection()
    deferrer = task.configure(connection=raw.driver_connection, schedule_at=not_before)
    return await deferrer.defer_async(**arguments)


def job_context(district_id: str) -> TenantContext:
    """Return the context of a job that was enqueued for `district_id`."""
    return TenantContext(TenantId.from_job(district_id), DISTRICT_SCOPE)


class JobDatabase:
    """The worker's database, set once at its start; tasks have no other way to receive it."""

    _database: Database | None = None

    @classmethod
    def use(cls, database: Database) -> None:
        cls._database = database

    @classmethod
    def get(cls) -> Database:
        if cls._database is None:
            raise RuntimeError("no worker has started in this process")
        return cls._database


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """What the worker's tasks find around them: the database, the keys, the settings and the time."""

    database: Database
    keys: KeyFile
    settings: Settings
    clock: Callable[[], datetime]

    def use(self) -> Self:
        """Work here from now on; the worker calls it once at its start."""
        global _workplace  # noqa: PLW0603 - tasks have no other way to receive it
        _workplace = self
        JobDatabase.use(self.database)
        return self

    @classmethod
    def get(cls) -> "Workplace":
        if _workplace is None:
            raise RuntimeError("no worker has started in this process")
        return _workplace

    @property
    def ring(self) -> KeyRing:
        """The keys as they are used now."""
        return self.keys.ring(self.clock())


_workplace: Workplace | None = None
