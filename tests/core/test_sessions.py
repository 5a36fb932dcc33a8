"""Whether a session lives: refused at once with Redis, within a minute without, and never a statement too many."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
import structlog
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from core.config import Settings
from core.db import Database
from core.emit import emitter_for
from core.ids import new_id
from core.models import User
from core.session_marks import TRUSTED_FOR, Mark, MarksAwayError, SessionMarks
from core.sessions import SessionEndedError, SessionGate, end_session, end_sessions
from core.tenancy import Actor
from ops.stack.ports import any_free_port
from tests.factories.user import actor_of
from tests.factories.world import DistrictBench

NOW = datetime.now(UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def teacher(bench: DistrictBench) -> User:
    return bench.schools[0].teacher


@pytest_asyncio.fixture
async def gate(database: Database) -> SessionGate:
    return SessionGate(database)


@pytest_asyncio.fixture
async def lonely(settings: Settings) -> AsyncIterator[Database]:
    """A program whose Redis has gone away."""
    away = settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{any_free_port()}/0"})
    database = Database.from_settings(away, emitter_for(""))
    yield database
    await database.close()


class Statements:
    """Counts what PostgreSQL is asked."""

    def __init__(self, database: Database) -> None:
        self.count = 0
        self._engine = database.engine.sync_engine

    def __enter__(self) -> "Statements":
        event.listen(self._engine, "before_cursor_execute", self._add)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._add)

    def _add(self, *_: object) -> None:
        self.count += 1


async def end_all_of(database: Database, actor: Actor, **more: object) -> None:
    async with database.tenant_transaction(actor.context) as session:
        await end_sessions(session, actor.user_id, now=NOW, **more)  # type: ignore[arg-type]


async def test_a_session_costs_one_statement_a_minute(
    database: Database, gate: SessionGate, teacher: User
) -> None:
    actor = actor_of(teacher)
    with Statements(database) as asked:
        for second in range(60):
            await gate.require_alive(actor, NOW + second * SECOND)
        assert asked.count == 1
        await gate.require_alive(actor, NOW + 60 * SECOND)
        assert asked.count == 2


async def test_what_one_process_learned_another_knows(
    database: Database, gate: SessionGate, teacher: User
) -> None:
    await gate.require_alive(actor_of(teacher), NOW)
    with Statements(database) as asked:
        assert await SessionGate(database).is_alive(actor_of(teacher), NOW)
    assert asked.count == 0


async def test_an_ended_session_is_refused_by_every_process_at_once(
    database: Database, gate: SessionGate, teacher: User
) -> None:
    actor, other = actor_of(teacher), SessionGate(database)
    for each in (gate, other):
        await each.require_alive(actor, NOW)
    await end_all_of(database, actor)
    with Statements(database) as asked:
        for each in (gate, other):
            with pytest.raises(SessionEndedError):
                await each.require_alive(actor, NOW)
    assert asked.count == 0


async def test_one_session_may_be_kept(database: Database, gate: SessionGate, teacher: User) -> None:
    actor = actor_of(teacher)
    await end_all_of(database, actor, keep=actor.session_id)
    await gate.require_alive(actor, NOW)


async def test_a_rolled_back_end_ends_nothing(database: Database, gate: SessionGate, teacher: User) -> None:
    actor = actor_of(teacher)

    async def end_and_fail() -> None:
        async with database.tenant_transaction(actor.context) as session:
            assert await end_session(session, actor.user_id, actor.session_id, now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await end_and_fail()
    await gate.require_alive(actor, NOW)


async def test_an_end_that_races_a_look_wins(database: Database, teacher: User) -> None:
    """Somebody read `alive` just before the commit and writes it down just after."""
    actor = actor_of(teacher)
    await end_all_of(database, actor)
    await database.marks.remember_alive(actor.tenant, actor.session_id, NOW + TRUSTED_FOR)
    assert await database.marks.read(actor.tenant, actor.session_id) == Mark(is_ended=True)


@pytest.mark.parametrize("change", ["role = 'admin'", "status = 'disabled'", "deleted_at = now()"])
async def test_whom_somebody_changed_by_hand_is_refused_within_a_minute(
    gate: SessionGate, teacher: User, rows: Session, change: str
) -> None:
    actor = actor_of(teacher)
    await gate.require_alive(actor, NOW)
    rows.execute(text(f"UPDATE app.users SET {change} WHERE id = :id"), {"id": teacher.id})
    assert not await gate.is_alive(actor, NOW + 60 * SECOND)


async def test_without_redis_an_ended_session_is_refused_within_a_minute(
    lonely: Database, teacher: User
) -> None:
    actor, gate = actor_of(teacher), SessionGate(lonely)
    await gate.require_alive(actor, NOW)
    with structlog.testing.capture_logs() as logs:
        await end_all_of(lonely, actor)
    assert [line["event"] for line in logs] == ["session_end_not_marked"]
    assert await gate.is_alive(actor, NOW + 59 * SECOND)
    assert not await gate.is_alive(actor, NOW + 60 * SECOND)
    assert not await SessionGate(lonely).is_alive(actor, NOW)  # who knew nothing asks at once


async def test_without_redis_a_living_session_still_costs_one_statement_a_minute(
    lonely: Database, teacher: User
) -> None:
    gate = SessionGate(lonely)
    with Statements(lonely) as asked:
        for second in range(60):
            await gate.require_alive(actor_of(teacher), NOW + second * SECOND)
    assert asked.count == 1


async def test_redis_is_left_alone_for_a_while_after_it_failed(lonely: Database, teacher: User) -> None:
    actor = actor_of(teacher)
    with structlog.testing.capture_logs() as logs:
        for _ in range(5):
            with pytest.raises(MarksAwayError):
                await lonely.marks.read(actor.tenant, actor.session_id)
    assert [line["event"] for line in logs] == ["session_marks_away"]


async def test_a_session_nobody_has_is_not_alive(
    gate: SessionGate, teacher: User, bench: DistrictBench
) -> None:
    mine = actor_of(teacher)
    invented = Actor(mine.user_id, mine.role, mine.tenant, mine.school_id, session_id=new_id())
    stolen = Actor(mine.user_id, mine.role, mine.tenant, mine.school_id, session_id=bench.admin.id)
    assert not await gate.is_alive(invented, NOW)
    assert not await gate.is_alive(stolen, NOW)


def test_a_mark_that_promises_more_than_we_do_counts_as_none() -> None:
    assert not Mark(alive_until=NOW + TRUSTED_FOR + SECOND).is_alive(NOW)
    assert not Mark(alive_until=NOW).is_alive(NOW)
    assert Mark(alive_until=NOW + SECOND).is_alive(NOW)


async def test_without_any_redis_everybody_asks(teacher: User) -> None:
    marks, actor = SessionMarks(None, None), actor_of(teacher)
    with pytest.raises(MarksAwayError):
        await marks.read(actor.tenant, actor.session_id)
    await marks.close()
