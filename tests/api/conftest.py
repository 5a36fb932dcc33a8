"""What the API's tests share: a district of one's own, a world to look at, and a counter of statements."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.orm import Session

from core.db import Database
from core.keys import KeyRing
from tests.api.gradebooks import Gradebook
from tests.factories.world import DistrictBench, SchoolBench, World, make_world
from tests.fixtures.web import Api


@pytest.fixture(scope="session")
def shared_world(rows: Session, keys: KeyRing) -> World:
    """Two districts that tests look at and never change."""
    return make_world(rows, keys)


@pytest.fixture
def school(bench: DistrictBench) -> SchoolBench:
    """A new school, alone with its sister in a new district."""
    return bench.schools[0]


@pytest.fixture
def gradebook(rows: Session, api: Api, school: SchoolBench) -> Gradebook:
    """The gradebook of a class without work."""
    return Gradebook(rows, api, school)


ONCE_A_MINUTE = "auth.session_lives"
"""Asked with the first request of a session and then once a minute (tests/core/test_sessions.py counts it)."""


class StatementCounter:
    """Counts what the application asks PostgreSQL with every request; setting the tenant is one of them.

    Not what it counts for hints after the commit: nobody waits for that.
    """

    def __init__(self, app: FastAPI) -> None:
        self._database: Database = app.state.database
        self._engine = self._database.engine.sync_engine

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        seen: list[str] = []

        def remember(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            is_for_a_hint = asyncio.current_task() in self._database._publishing
            if ONCE_A_MINUTE not in statement and not is_for_a_hint:
                seen.append(statement)

        event.listen(self._engine, "before_cursor_execute", remember)
        try:
            yield seen
        finally:
            event.remove(self._engine, "before_cursor_execute", remember)


@pytest.fixture
def statements(app: FastAPI, api: Api) -> StatementCounter:
    return StatementCounter(app)
