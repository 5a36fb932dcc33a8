"""With one wall broken the other holds; with both broken the crawler sees it."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event

from core.keys import ensure_keys
from core.models import Base
from tests.factories.world import World, make_world
from tests.fixtures.rows import open_rows
from tests.fixtures.schema import MigratedDatabase
from tests.fixtures.stores import settings_for
from tests.fixtures.web import Api
from tests.leaks.bench import ATTACKERS, Attacker
from tests.leaks.crawler import Crawl
from tests.leaks.operations import operations

_PREDICATE = re.compile(r"[\w.]*\bdistrict_id = %\(\w+\)s(::UUID)?")

OUTSIDERS = [
    attacker for attacker in ATTACKERS if attacker.is_outside_district and attacker.name != "anonymous"
]
pytestmark = pytest.mark.any_engine

DISTRICT_ADMIN = next(attacker for attacker in ATTACKERS if attacker.name == "admin of another district")


def drop_policies(database: MigratedDatabase, tables: list[str]) -> None:
    with psycopg.connect(database.dsn) as connection:
        for table in tables:
            connection.execute(f"ALTER TABLE app.{table} DISABLE ROW LEVEL SECURITY")


def every_table() -> list[str]:
    return [table.name for table in Base.metadata.sorted_tables if "district_id" in table.c]


def strip_predicates(engine: Engine) -> None:
    """Take the explicit tenant out of every statement, as if every builder had forgotten it."""

    def stripped(*arguments: Any) -> tuple[str, Any]:
        statement, parameters = arguments[2], arguments[3]
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            statement = _PREDICATE.sub("true", statement)
        return statement, parameters

    event.listen(engine, "before_cursor_execute", stripped, retval=True)


@pytest.fixture
def breakable(scratch_database: MigratedDatabase, redis_url: str, tmp_path: Path) -> Callable[..., Any]:
    """Start the application over a database of its own; `strip=True` breaks the second wall."""

    @asynccontextmanager
    async def start(*, strip: bool) -> AsyncIterator[tuple[Api, World]]:
        from api.main import create_app  # noqa: PLC0415 - as in tests.fixtures.web

        settings = settings_for(scratch_database, redis_url, tmp_path)
        keys = ensure_keys(settings.keys_path)
        with open_rows(scratch_database) as rows:
            world = make_world(rows, keys)
        begun = datetime.now(UTC).replace(microsecond=0)  # two answers differ in what was asked, not in when
        app = create_app(settings, clock=lambda: begun)
        async with app.router.lifespan_context(app):
            if strip:
                strip_predicates(app.state.database.engine.sync_engine)
            yield Api(app, settings, keys), world

    return start


async def crawl(api: Api, world: World, attacker: Attacker) -> set[str]:
    leaks = await Crawl(api, world, attacker).run(operations(api.app.openapi()))
    return {leak.operation for leak in leaks}


async def test_without_any_policy_the_statements_hold(
    breakable: Callable[..., Any], scratch_database: MigratedDatabase
) -> None:
    drop_policies(scratch_database, every_table())
    async with breakable(strip=False) as (api, world):
        assert {attacker.name: await crawl(api, world, attacker) for attacker in OUTSIDERS} == {
            attacker.name: set() for attacker in OUTSIDERS
        }


async def test_without_any_predicate_the_policies_hold(breakable: Callable[..., Any]) -> None:
    async with breakable(strip=True) as (api, world):
        assert {attacker.name: await crawl(api, world, attacker) for attacker in OUTSIDERS} == {
            attacker.name: set() for attacker in OUTSIDERS
        }


async def test_the_crawler_sees_it_when_one_policy_is_dropped_and_the_predicate_forgotten(
    breakable: Callable[..., Any], scratch_database: MigratedDatabase
) -> None:
    drop_policies(scratch_database, ["classes"])
    async with breakable(strip=True) as (api, world):
        leaking = await crawl(api, world, DISTRICT_ADMIN)
    assert {"GET /api/v1/classes", "GET /api/v1/classes/{class_id}"} <= leaking


async def test_the_crawler_sees_it_when_every_wall_is_down(
    breakable: Callable[..., Any], scratch_database: MigratedDatabase
) -> None:
    drop_policies(scratch_database, every_table())
    async with breakable(strip=True) as (api, world):
        leaking = await crawl(api, world, DISTRICT_ADMIN)
    seen = {"GET /api/v1/grades/{grade_id}", "GET /api/v1/submissions"}
    assert seen | {"DELETE /api/v1/concepts/{concept_id}"} <= leaking  # and so no list shows them any more
