"""The worker: what was enqueued is done, once in its effect, whoever is killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import procrastinate
import psycopg
import pytest
import pytest_asyncio

from api.submissions.tasks import triage_free_response
from core.config import Settings, plain_url
from core.db import Database
from core.emit import emitter_for
from core.jobs import JobDatabase, enqueue, job_app
from core.keys import KeyRing
from core.models import IdempotencyKey
from ops.housekeeping import IDEMPOTENCY_HOURS, purge_idempotency_keys
from ops.stack.ports import any_free_port
from ops.worker import GIVEN_UP, MOST_ATTEMPTS, import_tasks, sweep
from tests.factories.bookkeeping import make_idempotency_key
from tests.factories.user import actor_of
from tests.factories.world import DistrictBench, make_district_bench
from tests.fixtures.rows import open_rows
from tests.fixtures.schema import MigratedDatabase

pytestmark = pytest.mark.fault

_QUICK = "WorkerOptions(beat_seconds=0.3, stalled_seconds=1.5, sweep_seconds=0.3, health_port={port})"
_PROGRAM = (
    "from core.config import get_settings; from ops.worker import *; run_worker(get_settings(), {options})"
)


class Site:
    """One database of the test's own with a district, its queue, and workers that may be killed."""

    def __init__(self, database: MigratedDatabase, settings: Settings, log_path: Path) -> None:
        self.settings = settings.model_copy(update={"database_url": database.app_url})
        self.dsn = database.dsn
        self.rows = open_rows(database)
        self.bench: DistrictBench = make_district_bench(self.rows)
        self._log_path = log_path

    @contextmanager
    def worker(self, port: int | None = None) -> Iterator["subprocess.Popen[bytes]"]:
        command = [sys.executable, "-c", _PROGRAM.format(options=_QUICK.format(port=port))]
        environment = {
            **os.environ,
            "HOMEROOM_DATABASE_URL": self.settings.database_url,
            "HOMEROOM_REDIS_URL": self.settings.redis_url,
            "HOMEROOM_KEYS_PATH": str(self.settings.keys_path),
        }
        with self._log_path.open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    async def enqueue_triage(self) -> UUID:
        """Enqueue the free answer of the first school's student; returns the job as people see it."""
        school = self.bench.schools[0]
        job_id: UUID = self.value("SELECT id FROM app.background_jobs WHERE user_id = %s", school.student.id)
        self.execute("UPDATE app.student_answers SET status = 'pending' WHERE id = %s", school.free_answer.id)
        self.execute("UPDATE app.background_jobs SET status = 'queued', finished_at = NULL, result = NULL")
        database = Database.from_settings(self.settings, emitter_for(""))
        async with database.tenant_transaction(actor_of(school.student).context) as session:
            await enqueue(session, triage_free_response, answer_id=school.free_answer.id, job_id=job_id)
        await database.close()
        return job_id

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement.encode(), values)

    def value(self, query: str, *values: object) -> Any:
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute(query.encode(), values).fetchone()
        return None if row is None else row[0]

    def until(self, is_so: Callable[[], bool], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, self._log_path.read_text(errors="replace")
            time.sleep(0.05)

    @property
    def job_status(self) -> str | None:
        return self.value("SELECT status::text FROM jobs.procrastinate_jobs WHERE queue_name = 'grading'")

    @property
    def answer_status(self) -> str:
        return self.value(
            "SELECT status FROM app.student_answers WHERE id = %s", self.bench.schools[0].free_answer.id
        )

    @property
    def told(self) -> int:
        return self.value("SELECT count(*) FROM app.user_events WHERE name = 'job:done'")

    @contextmanager
    def held_answer(self) -> Iterator[None]:
        """Keep the answer's row locked: a job on it hangs in the middle of its transaction."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute(
                "SELECT 1 FROM app.student_answers WHERE id = %s FOR UPDATE",
                [self.bench.schools[0].free_answer.id],
            )
            yield


@pytest.fixture
def site(
    scratch_database: MigratedDatabase, settings: Settings, keys: KeyRing, tmp_path: Path
) -> Iterator[Site]:
    del keys  # their file is there now: no worker starts without
    one = Site(scratch_database, settings, tmp_path / "worker.log")
    yield one
    one.rows.close()


async def test_an_enqueued_job_is_done_and_its_owner_told_once(site: Site) -> None:
    await site.enqueue_triage()
    with site.worker():
        site.until(lambda: site.job_status == "succeeded")
    assert (site.answer_status, site.told) == ("awaiting_teacher", 1)


async def test_a_job_whose_worker_is_killed_in_the_middle_is_done_by_the_next(site: Site) -> None:
    job_id = await site.enqueue_triage()
    with site.held_answer(), site.worker() as victim:
        site.until(lambda: site.job_status == "doing")
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    assert site.answer_status == "pending"
    with site.worker():
        site.until(lambda: site.job_status == "succeeded")
    assert (site.answer_status, site.told) == ("awaiting_teacher", 1)
    assert site.value("SELECT status FROM app.background_jobs WHERE id = %s", job_id) == "succeeded"


async def test_a_job_done_but_not_yet_ticked_off_is_not_told_twice(site: Site) -> None:
    """Killed between the job's commit and the queue's: the second run changes nothing."""
    await site.enqueue_triage()
    with site.worker():
        site.until(lambda: site.job_status == "succeeded")
    site.execute("ALTER TABLE jobs.procrastinate_jobs DISABLE TRIGGER USER")
    site.execute("UPDATE jobs.procrastinate_jobs SET status = 'doing', worker_id = NULL")
    site.execute("ALTER TABLE jobs.procrastinate_jobs ENABLE TRIGGER USER")
    with site.worker():
        site.until(lambda: site.job_status == "succeeded")
    assert site.told == 1


async def test_a_polite_stop_lets_the_running_job_finish(site: Site) -> None:
    await site.enqueue_triage()
    with site.worker() as worker:
        with site.held_answer():
            site.until(lambda: site.job_status == "doing")
            worker.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
            assert worker.poll() is None
        assert worker.wait(10) == 0
    assert (site.job_status, site.answer_status) == ("succeeded", "awaiting_teacher")


async def test_the_health_port_answers_while_the_queue_is_reached(site: Site) -> None:
    port = any_free_port()
    with site.worker(port) as worker:
        async with httpx2.AsyncClient() as client:
            assert await _answered(client, port, 200)
            site.execute("ALTER TABLE jobs.procrastinate_jobs RENAME TO away")
            assert await _answered(client, port, 503) or worker.poll() is not None


async def _answered(client: httpx2.AsyncClient, port: int, status: int) -> bool:
    """Wait up to 10 s until the port answers `status`."""
    for _ in range(200):
        with suppress(httpx2.TransportError):
            if (await client.get(f"http://127.0.0.1:{port}/")).status_code == status:
                return True
        await asyncio.sleep(0.05)
    return False


def test_a_role_that_walks_through_the_walls_is_refused(site: Site) -> None:
    site.settings = site.settings.model_copy(
        update={"database_url": site.dsn.replace("://", "+psycopg://", 1)}
    )
    with site.worker() as worker:
        assert worker.wait(20) != 0


def test_every_rooms_tasks_are_known_to_the_worker() -> None:
    assert "api.submissions.tasks" in import_tasks()
    assert {"submissions.triage_free_response", "housekeeping.purge_idempotency_keys"} <= set(job_app.tasks)


@pytest_asyncio.fixture
async def queue(site: Site) -> AsyncIterator[procrastinate.App]:
    connector = procrastinate.PsycopgConnector(conninfo=plain_url(site.settings.database_url))
    with job_app.replace_connector(connector) as app:
        async with app.open_async():
            yield app


async def test_a_job_that_ends_worker_after_worker_is_given_up_and_its_owner_told(
    site: Site, queue: procrastinate.App
) -> None:
    job_id = await site.enqueue_triage()
    site.execute(
        "UPDATE jobs.procrastinate_jobs SET status = 'doing', attempts = %s WHERE queue_name = 'grading'",
        MOST_ATTEMPTS,
    )
    database = Database.from_settings(site.settings, emitter_for(""))
    JobDatabase.use(database)
    assert await sweep(queue, 1.0) == []
    await database.close()
    assert (site.job_status, site.told) == ("failed", 1)
    assert site.value("SELECT error FROM app.background_jobs WHERE id = %s", job_id) == GIVEN_UP


async def test_the_owner_of_a_job_whose_last_try_fails_is_told(site: Site) -> None:
    job_id = await site.enqueue_triage()
    site.execute("UPDATE jobs.procrastinate_jobs SET attempts = %s", MOST_ATTEMPTS)
    with site.held_answer(), site.worker():  # longer than the role waits for a lock
        site.until(lambda: site.job_status == "failed")
        site.until(lambda: site.told == 1)
    assert site.value("SELECT status FROM app.background_jobs WHERE id = %s", job_id) == "failed"


async def test_a_try_that_fails_is_not_the_last_one(site: Site) -> None:
    await site.enqueue_triage()
    with site.worker():
        with site.held_answer():
            site.until(lambda: site.value("SELECT max(attempts) FROM jobs.procrastinate_jobs") == 1)
            assert site.told == 0
        site.until(lambda: site.job_status == "succeeded")
    assert site.told == 1


async def test_two_sweepers_put_a_job_back_once(site: Site, queue: procrastinate.App) -> None:
    await site.enqueue_triage()
    site.execute("UPDATE jobs.procrastinate_jobs SET status = 'doing' WHERE queue_name = 'grading'")
    put_back = await asyncio.gather(sweep(queue, 1.0), sweep(queue, 1.0))
    assert site.job_status == "todo"
    assert len({number for numbers in put_back for number in numbers}) == 1
    assert await sweep(queue, 1.0) == []


async def test_answers_to_repeats_are_kept_a_day_in_every_district(site: Site) -> None:
    other = make_district_bench(site.rows)
    old = [make_idempotency_key(site.rows, one.schools[0].student) for one in (site.bench, other)]
    kept = [make_idempotency_key(site.rows, one.schools[1].student) for one in (site.bench, other)]
    now = datetime.now(UTC)
    for key in old:
        key.created_at = now - timedelta(hours=IDEMPOTENCY_HOURS, minutes=1)
    for key in kept:
        key.created_at = now - timedelta(hours=IDEMPOTENCY_HOURS - 1)
    site.rows.flush()
    database = Database.from_settings(site.settings, emitter_for(""))
    JobDatabase.use(database)
    await purge_idempotency_keys(int(now.timestamp()))
    await database.close()
    left = set(site.rows.query(IdempotencyKey.key))
    assert {(key.key,) for key in kept} <= left
    assert not {(key.key,) for key in old} & left
