"""Background jobs: enqueued in the transaction that causes them, so neither is ever without the other.

Arguments are ids only. A job opens one tenant transaction, is safe to run twice, and a sweeper (in
`ops.worker`) requeues what a killed worker left behind.
"""

from typing import Any
from uuid import UUID

import procrastinate
from procrastinate.tasks import Task
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId

job_app = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Where tasks register. The API never opens its connector: it enqueues on the request's own connection."""

RETRIES = procrastinate.RetryStrategy(max_attempts=12, exponential_wait=2)
"""For every task: a database that restarts, or a provider that is away, must not lose a job (over an hour)."""


async def enqueue(session: AsyncSession, task: Task[Any, Any, Any], **ids: UUID) -> int:
    """Enqueue `task` for the session's district in the session's transaction; returns the queue's own number."""
    context: TenantContext = session.info["context"]
    raw = await (await session.connection()).get_raw_connection()
    deferrer = task.configure(connection=raw.driver_connection)
    arguments = {name: str(value) for name, value in ids.items()}
    return await deferrer.defer_async(district_id=str(context.tenant), **arguments)


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
