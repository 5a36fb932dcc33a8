"""`homeroom worker`: runs background jobs, and puts back what a killed worker left half done."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

import procrastinate
import structlog
from procrastinate import JobContext
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker
from sqlalchemy.exc import SQLAlchemyError

import api
from api.jobs.service import fail_job
from core.config import Settings, plain_url
from core.db import Database, check_durability, check_role
from core.emit import emitter_for
from core.jobs import RETRIES, JobDatabase, Workplace, job_app, job_context
from core.key_file import KeyFile
from core.logs import configure_logs
from ops import housekeeping

logger = structlog.get_logger(__name__)

MOST_ATTEMPTS = RETRIES.max_attempts or 1
"""A job that was tried so often is given up, whether it failed or its workers were killed."""

GIVEN_UP = "This was tried many times and did not work. Please tell your administrator."
"""What the person reads who waits for a job that was given up."""

_POOL_SPARE = 4  # listener, heartbeat, sweeper, fetching


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """How one worker runs. A worker silent for `stalled_seconds` counts as dead; keep that well above its beat."""

    concurrency: int = 8
    health_port: int | None = None
    beat_seconds: float = 5.0
    stalled_seconds: float = 20.0
    sweep_seconds: float = 5.0


@dataclass
class Pulse:
    """When the worker last reached its queue, seconds of the monotonic clock."""

    at: float = 0.0

    def is_fresh(self, within: float) -> bool:
        return time.monotonic() - self.at <= within


def run_worker(settings: Settings, options: WorkerOptions | None = None) -> None:
    """Run jobs until SIGTERM or Ctrl-C."""
    asyncio.run(work(settings, options or WorkerOptions()))


async def work(settings: Settings, options: WorkerOptions) -> None:
    """Run jobs until SIGTERM or SIGINT; then finish those that run, and return.

    Raises RuntimeError when the database role could walk through the walls, FileNotFoundError without keys.
    """
    configure_logs(settings.log_level)
    import_tasks()
    database = Database.from_settings(settings, emitter_for(settings.sockets_redis_url))
    try:
        await check_role(database)
        await check_durability(database)
        keys = KeyFile(settings.keys_path)
        Workplace(database=database, keys=keys, settings=settings, clock=_utc_now).use()
        await _run(_connector(settings, options), options)
    finally:
        await database.close()


def import_tasks() -> list[str]:
    """Import every room's `tasks` module, so that its tasks are registered; returns the names."""
    rooms = [f"api.{room.name}.tasks" for room in iter_modules(api.__path__) if room.ispkg]
    found = [name for name in rooms if find_spec(name) is not None]
    for name in found:
        import_module(name)
    return [*found, housekeeping.__name__]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _connector(settings: Settings, options: WorkerOptions) -> procrastinate.PsycopgConnector:
    return procrastinate.PsycopgConnector(
        conninfo=plain_url(settings.database_url), min_size=2, max_size=options.concurrency + _POOL_SPARE
    )


async def _run(connector: procrastinate.PsycopgConnector, options: WorkerOptions) -> None:
    pulse = Pulse()
    with job_app.replace_connector(connector) as app:
        async with app.open_async(), _sweeping(app, options, pulse), _answering_health(options, pulse):
            await app.run_worker_async(
                name="homeroom",
                concurrency=options.concurrency,
                update_heartbeat_interval=options.beat_seconds,
                stalled_worker_timeout=options.stalled_seconds,
                worker_middleware=[_telling_of_the_last_try],
                # No limit to the farewell: an aborted job costs a try, one that is killed is put back untouched.
            )


@asynccontextmanager
async def _sweeping(app: procrastinate.App, options: WorkerOptions, pulse: Pulse) -> AsyncIterator[None]:
    task = asyncio.create_task(_sweep_for_ever(app, options, pulse))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep_for_ever(app: procrastinate.App, options: WorkerOptions, pulse: Pulse) -> None:
    while True:
        try:
            await sweep(app, options.stalled_seconds)
            pulse.at = time.monotonic()
        except ProcrastinateException as error:
            logger.warning("sweep_failed", error=type(error).__name__)
        await asyncio.sleep(options.sweep_seconds)


async def sweep(app: procrastinate.App, stalled_seconds: float) -> list[int]:
    """Put back the jobs of workers that have been silent so long; return the jobs' numbers.

    Safe beside other sweepers: the queue refuses to put back a job that is not running any more.
    """
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_seconds)
    return [job.id for job in stalled if job.id is not None and await _put_back(app, job)]


async def _put_back(app: procrastinate.App, job: Job) -> bool:
    try:
        if job.attempts >= MOST_ATTEMPTS:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            await _tell_given_up(job)
            return False
        await app.job_manager.retry_job(job)
    except ProcrastinateException:
        return False  # another worker was quicker
    logger.warning("job_put_back", job=job.id, task=job.task_name, attempts=job.attempts)
    return True


async def _telling_of_the_last_try(
    run: Callable[[], Awaitable[Any]], context: JobContext, _worker: Worker
) -> Any:
    """Run one job; when its last try fails, the person who waits is told."""
    try:
        return await run()
    except Exception:
        if context.job.attempts >= MOST_ATTEMPTS:
            await _tell_given_up(context.job)
        raise


async def _tell_given_up(job: Job) -> None:
    logger.error("job_given_up", job=job.id, task=job.task_name, attempts=job.attempts)
    district_id, job_id = job.task_kwargs.get("district_id"), job.task_kwargs.get("job_id")
    if district_id is None or job_id is None:
        return  # nobody waits: housekeeping
    try:
        async with JobDatabase.get().tenant_transaction(job_context(str(district_id))) as session:
            await fail_job(session, str(job_id), GIVEN_UP)
    except SQLAlchemyError as error:
        logger.warning("job_end_not_told", job=job.id, error=type(error).__name__)


@asynccontextmanager
async def _answering_health(options: WorkerOptions, pulse: Pulse) -> AsyncIterator[None]:
    """Answer any GET on the health port: 200 while the queue is reached, 503 when it was not for a while."""
    if options.health_port is None:
        yield
        return
    patience = options.sweep_seconds * 3

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await reader.readuntil(b"\r\n\r\n")
            status = b"200 OK" if pulse.is_fresh(patience) else b"503 Service Unavailable"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", options.health_port):
        yield
