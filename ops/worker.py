"""`homeroom worker`: runs background jobs, and sweeps up what killed workers left and what has expired."""

import asyncio
from datetime import UTC, datetime, timedelta

import procrastinate
import structlog
from procrastinate import JobContext
from sqlalchemy import delete, select

from core.config import Settings
from core.db import Database
from core.emit import emitter_for
from core.jobs import JobDatabase, job_app, job_context
from core.logs import configure_logs
from core.models import DistrictDirectory, DistrictStatus, IdempotencyKey

logger = structlog.get_logger(__name__)

TASK_MODULES = ["api.submissions.tasks"]
CONCURRENCY = 8
HEARTBEAT_SECONDS = 5.0
DEAD_AFTER_SECONDS = 20.0
"""A worker without a heartbeat for this long was killed; its jobs go back to the queue."""
GRACE_SECONDS = 20.0
KEYS_KEPT = timedelta(hours=24)
"""How long a repeat of a request is still answered as the first time."""


@job_app.periodic(cron="* * * * * */10")
@job_app.task(name="worker.requeue_abandoned_jobs", queueing_lock="requeue_abandoned_jobs", pass_context=True)
async def requeue_abandoned_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Give jobs of killed workers to living ones, every ten seconds; jobs are safe to run twice."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        await manager.retry_job(job)
        logger.warning("job_requeued", job=job.id, task=job.task_name)


@job_app.periodic(cron="17 * * * *")
@job_app.task(name="worker.purge_idempotency_keys", queueing_lock="purge_idempotency_keys")
async def purge_idempotency_keys(timestamp: int) -> None:
    """Forget answers to repeated requests after 24 hours, district by district, every hour."""
    database = JobDatabase.get()
    oldest = datetime.fromtimestamp(timestamp, tz=UTC) - KEYS_KEPT
    for district_id in await _active_districts(database):
        async with database.tenant_transaction(job_context(district_id)) as session:
            await session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < oldest))


@job_app.periodic(cron="23 4 * * *")
@job_app.task(name="worker.remove_old_jobs", queueing_lock="remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the queue passes it
    """Keep the queue's own table small: ended jobs go after a week. What people see is in background_jobs."""
    await context.app.job_manager.delete_old_jobs(nb_hours=7 * 24, include_failed=True)


def run_worker(settings: Settings) -> None:
    """Run jobs until SIGTERM or Ctrl-C; running ones get 20 s to end, then go back to the queue."""
    configure_logs(settings.log_level)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    database = Database.from_settings(settings, emitter_for(settings.redis_url))
    JobDatabase.use(database)
    connector = procrastinate.PsycopgConnector(
        conninfo=_plain(settings.database_url), max_size=CONCURRENCY + 2
    )
    try:
        with job_app.replace_connector(connector) as running_app:
            running_app.import_paths = TASK_MODULES
            async with running_app.open_async():
                await running_app.run_worker_async(
                    concurrency=CONCURRENCY,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=DEAD_AFTER_SECONDS,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                )
    finally:
        await database.close()


async def _active_districts(database: Database) -> list[str]:
    statement = select(DistrictDirectory.id).where(DistrictDirectory.status == DistrictStatus.ACTIVE)
    async with database.auth_session() as session:
        return [str(district_id) for district_id in await session.scalars(statement)]


def _plain(url: str) -> str:
    """Turn SQLAlchemy's `postgresql+psycopg://` into what psycopg itself understands."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
