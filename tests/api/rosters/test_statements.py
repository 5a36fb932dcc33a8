"""An import asks PostgreSQL the same number of questions, however many lines it has."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from api.rosters.tasks import import_roster
from core.db import Database
from core.jobs import Workplace
from core.models import District
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of
from tests.api.rosters.conftest import Send, TakeOver, counts
from tests.api.rosters.rosters import make_roster


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """Collect what the worker's pool is asked."""
    seen: list[str] = []

    def remember(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", remember)
    yield seen
    event.remove(database.engine.sync_engine, "before_cursor_execute", remember)


async def test_the_number_of_statements_does_not_grow_with_the_roster(
    *,
    send: Send,
    take_over: TakeOver,
    workplace: Workplace,
    district: District,
    statements: StatementCounter,
) -> None:
    await take_over(make_roster())
    costs = []
    for students in (3, 300):  # each takes the one before out of use, too
        with statements.counting() as sent:
            answer = data_of(await send(make_roster(students=students), max_deactivation_percent=100), 202)
        with counting(workplace.database) as done:
            await import_roster(str(district.district_id), answer["job_id"])
        assert counts(answer["report"])["users"]["created"] == students + 1
        costs.append((len(sent), len(done)))
    assert costs[0] == costs[1]
