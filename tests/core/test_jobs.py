"""Jobs enter the queue with their cause or not at all, with ids as their only arguments."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from procrastinate.tasks import Task
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import record_audit
from core.db import Database
from core.ids import new_id
from core.jobs import JobDatabase, enqueue, job_app, job_context
from core.models import tenant_audit_events
from core.tenancy import DISTRICT_SCOPE, Actor
from tests.factories.user import actor_of
from tests.factories.world import make_district_bench
from tests.fixtures.schema import MigratedDatabase

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@job_app.task(name="tests.core.nothing")
async def nothing(district_id: str, answer_id: str) -> None:
    """Never run: these tests look at the queue only."""


@pytest.fixture(scope="module")
def teacher(rows: Session) -> Actor:
    return actor_of(make_district_bench(rows).schools[0].teacher)


@pytest.fixture(scope="module")
def task() -> Iterator[Task[..., ..., ...]]:
    yield nothing
    job_app.tasks.pop("tests.core.nothing")


def queued(database: MigratedDatabase, answer_id: UUID) -> list[dict[str, str]]:
    query = "SELECT args FROM jobs.procrastinate_jobs WHERE args->>'answer_id' = %s"
    with psycopg.connect(database.dsn) as connection:
        return [row[0] for row in connection.execute(query, [str(answer_id)])]


async def test_a_job_is_queued_with_its_cause(
    database: Database, migrated: MigratedDatabase, teacher: Actor, task: Task[..., ..., ...]
) -> None:
    answer_id = new_id()
    async with database.tenant_transaction(teacher.context) as session:
        assert await enqueue(session, task, answer_id=answer_id) > 0
        assert queued(migrated, answer_id) == []
    assert queued(migrated, answer_id) == [
        {"district_id": str(teacher.district_id), "answer_id": str(answer_id)}
    ]


async def test_a_job_vanishes_with_its_cause(
    database: Database, migrated: MigratedDatabase, teacher: Actor, task: Task[..., ..., ...]
) -> None:
    answer_id = new_id()

    async def fail() -> None:
        async with database.tenant_transaction(teacher.context) as session:
            await enqueue(session, task, answer_id=answer_id)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert queued(migrated, answer_id) == []


def test_a_job_works_in_the_whole_district_it_was_enqueued_for(teacher: Actor) -> None:
    context = job_context(str(teacher.district_id))
    assert (context.tenant, context.scope, context.user_id) == (teacher.tenant, DISTRICT_SCOPE, None)


def test_a_task_outside_a_worker_has_no_database(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    monkeypatch.setattr(JobDatabase, "_database", None)
    with pytest.raises(RuntimeError, match="no worker"):
        JobDatabase.get()
    JobDatabase.use(database)
    assert JobDatabase.get() is database


async def test_an_act_is_recorded_with_who_and_what(database: Database, teacher: Actor) -> None:
    record_id = new_id()
    async with database.tenant_transaction(teacher.context) as session:
        await record_audit(session, teacher, "read", ("grade", record_id), now=NOW, details={"count": 1})
    async with database.tenant_transaction(teacher.context) as session:
        statement = select(tenant_audit_events).where(tenant_audit_events.c.object_id == record_id)
        entry = (await session.execute(statement)).one()
    assert (entry.actor_id, entry.action, entry.object_type, entry.details) == (
        *(teacher.user_id, "read", "grade", {"count": 1}),
    )
    assert (entry.occurred_at, entry.school_id) == (NOW, teacher.school_id)
