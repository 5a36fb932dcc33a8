"""Transactions that know their tenant: what they see, what they refuse, and what cannot leak between them."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from core.config import Settings
from core.db import Database, TenantMissingError, TenantSession, after_commit, check_durability, check_role
from core.emit import emitter_for
from core.models import Grade, School, User
from core.tenancy import DISTRICT_SCOPE, Scope, TenantContext, TenantId
from tests.factories.user import actor_of
from tests.factories.world import DistrictBench, make_district_bench
from tests.fixtures.schema import MigratedDatabase

INSUFFICIENT_PRIVILEGE = "42501"


def whole_district(bench: DistrictBench) -> TenantContext:
    return TenantContext(TenantId.from_auth_function(bench.district.district_id), DISTRICT_SCOPE)


def one_school(bench: DistrictBench) -> TenantContext:
    return replace(whole_district(bench), scope=Scope(bench.schools[0].school.id))


@pytest.fixture(scope="module")
def two(rows: Session) -> tuple[DistrictBench, DistrictBench]:
    return make_district_bench(rows), make_district_bench(rows)


async def test_a_transaction_sees_its_district_only(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    ours, theirs = two
    async with database.tenant_transaction(whole_district(ours)) as session:
        assert set(await session.scalars(select(User.district_id))) == {ours.district.district_id}
        assert await session.scalar(select(User.id).where(User.id == theirs.admin.id)) is None


async def test_plain_sql_without_any_predicate_sees_its_district_only(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    async with database.tenant_transaction(whole_district(two[0])) as session:
        seen = set(await session.scalars(text("SELECT district_id FROM app.student_answers")))
        events = set(await session.scalars(text("SELECT district_id FROM app.tenant_interaction_events")))
    assert seen == events == {two[0].district.district_id}


async def test_a_school_transaction_sees_its_school_and_the_district_admins(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    school_id = two[0].schools[0].school.id
    async with database.tenant_transaction(one_school(two[0])) as session:
        assert set(await session.scalars(select(Grade.school_id))) == {school_id}
        assert set(await session.scalars(select(User.school_id))) == {school_id, None}
        assert set(await session.scalars(select(School.id))) == {school_id}


async def test_the_orm_names_the_tenant_in_every_statement(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    statements: list[str] = []
    listener = lambda *arguments: statements.append(arguments[2])  # noqa: E731 - SQLAlchemy passes six
    event.listen(database.engine.sync_engine, "before_cursor_execute", listener)
    try:
        async with database.tenant_transaction(whole_district(two[0])) as session:
            await session.execute(select(func.count(Grade.id)).join(User, User.id == Grade.student_id))
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", listener)
    assert "grades.district_id = " in statements[-1]
    assert "users.district_id = " in statements[-1]


async def test_a_session_without_a_tenant_runs_no_sql(database: Database) -> None:
    async with AsyncSession(database.engine, sync_session_class=TenantSession) as session:
        with pytest.raises(TenantMissingError):
            await session.execute(text("SELECT 1"))


@pytest.mark.parametrize("statement", ["SELECT count(*) FROM app.grades", "DELETE FROM app.idempotency_keys"])
async def test_a_forgotten_tenant_is_an_error_and_not_an_empty_answer(
    database: Database, two: tuple[DistrictBench, DistrictBench], statement: str
) -> None:
    with pytest.raises(DBAPIError) as refusal:
        async with database.auth_session() as session:
            await session.execute(text(statement))
    assert refusal.value.orig.sqlstate == INSUFFICIENT_PRIVILEGE
    assert "tenant context missing" in str(refusal.value.orig)


async def test_a_forgotten_scope_is_an_error(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    district_id = str(two[0].district.district_id)
    async with database.auth_session() as session:
        await session.execute(text("SELECT set_config('app.district_id', :d, true)"), {"d": district_id})
        with pytest.raises(DBAPIError, match="school scope missing"):
            await session.execute(text("SELECT count(*) FROM app.grades"))


async def test_poisoned_connections_refuse_a_forgotten_tenant(
    settings: Settings, two: tuple[DistrictBench, DistrictBench]
) -> None:
    """Something sets the tenant for the whole session on every pooled connection."""
    pools = Database.from_settings(
        settings.model_copy(update={"database_pool_size": 8}), emitter_for(settings.redis_url)
    )
    poison = "SELECT set_config('app.district_id', :d, false), set_config('app.scope', 'district', false)"
    parameters = {"d": str(two[1].district.district_id)}

    async def poisoned() -> int:
        async with pools.tenant_transaction(whole_district(two[0])) as session:
            await session.execute(text(poison), parameters)
            await asyncio.sleep(0.05)  # so that all connections are out at once
            return await session.scalar(text("SELECT pg_backend_pid()"))

    async def forgotten() -> int:
        async with pools.auth_session() as session:
            return await session.scalar(text("SELECT count(*) FROM app.grades"))

    servers = set(await asyncio.gather(*(poisoned() for _ in range(8))))
    answers = [
        await asyncio.gather(*(forgotten() for _ in range(8)), return_exceptions=True) for _ in range(20)
    ]
    await pools.close()
    assert len(servers) == 8
    assert {type(answer).__name__ for round_ in answers for answer in round_} == {"ProgrammingError"}


async def test_concurrent_tenants_raising_and_cancelled_never_mix(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    """In small: two tenants, failures and cancellations over one pool."""
    wrong: list[UUID] = []

    async def one(number: int) -> None:
        bench = two[number % 2]
        async with database.tenant_transaction(whole_district(bench)) as session:
            for _ in range(2):
                seen = set(await session.scalars(text("SELECT district_id FROM app.users")))
                wrong.extend(seen - {bench.district.district_id})
            if number % 5 == 0:
                raise LookupError
            with suppress(DBAPIError):
                async with session.begin_nested():
                    await session.execute(text("SELECT 1 / 0"))
            seen = set(await session.scalars(text("SELECT district_id FROM app.users")))
            wrong.extend(seen - {bench.district.district_id})

    tasks = [asyncio.create_task(one(number)) for number in range(300)]
    await asyncio.sleep(0.05)
    for task in tasks[::7]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert wrong == []
    assert sum(1 for task in tasks if not task.cancelled() and task.exception() is None) > 100


async def test_an_exception_rolls_back_and_publishes_nothing(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    published: list[str] = []

    async def hint() -> None:
        published.append("hint")

    bench = two[0]
    key = (bench.district.district_id, bench.admin.id)

    async def rename_and_fail() -> None:
        async with database.tenant_transaction(whole_district(bench)) as session:
            (await session.get_one(User, key)).name = "Renamed"
            after_commit(session, hint)
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await rename_and_fail()
    async with database.tenant_transaction(whole_district(bench)) as session:
        assert (await session.get_one(User, key)).name != "Renamed"
    assert published == []


async def test_hints_go_out_in_order_after_the_commit_and_a_failing_one_harms_nobody(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    published: list[str] = []

    async def first() -> None:
        published.append("first")

    async def failing() -> None:
        raise ConnectionError

    async with database.tenant_transaction(whole_district(two[0])) as session:
        after_commit(session, first)
        after_commit(session, failing)
        assert published == []
    await asyncio.gather(*database._publishing)
    assert published == ["first"]


async def test_a_read_transaction_cannot_write(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with database.read_transaction(whole_district(two[0])) as session:
            await session.execute(text("UPDATE app.users SET name = 'x'"))


async def test_the_user_of_the_transaction_is_announced(
    database: Database, two: tuple[DistrictBench, DistrictBench]
) -> None:
    actor = actor_of(two[0].schools[0].student)
    async with database.tenant_transaction(actor.context) as session:
        assert await session.scalar(text("SELECT current_setting('app.user_id')")) == str(actor.user_id)
        scope = await session.scalar(text("SELECT current_setting('app.scope')"))
    assert scope == f"school:{actor.school_id}"


@pytest.fixture(params=["app_rw", "postgres", "backup", "app_rw owning a table", "a member of the owner"])
def role_url(
    request: pytest.FixtureRequest, scratch_database: MigratedDatabase
) -> Iterator[tuple[str, bool]]:
    """A URL and whether the API may serve with it."""
    urls = {
        "postgres": scratch_database.admin_url,
        "backup": scratch_database.url_of("backup"),
        "a member of the owner": scratch_database.url_of("managed_admin"),
    }
    with psycopg.connect(scratch_database.dsn, autocommit=True) as admin:
        if request.param == "backup":
            admin.execute("ALTER ROLE backup PASSWORD 'only-for-tests'")
        if "owning" in request.param:
            admin.execute("ALTER TABLE app.audit_events OWNER TO app_rw")
        if "member" in request.param:
            # the admin of a managed server: no superuser
            admin.execute("CREATE ROLE managed_admin LOGIN PASSWORD 'only-for-tests' IN ROLE app_owner")
        yield urls.get(request.param, scratch_database.app_url), request.param == "app_rw"
        admin.execute("DROP ROLE IF EXISTS managed_admin")


async def test_only_a_role_that_cannot_pass_the_walls_may_serve(
    settings: Settings, role_url: tuple[str, bool]
) -> None:
    """A role that walls do not bind is refused at the start."""
    url, may_serve = role_url
    pools = Database.from_settings(settings.model_copy(update={"database_url": url}), emitter_for(""))
    try:
        if may_serve:
            await check_role(pools)
        else:
            with pytest.raises(RuntimeError, match="use app_rw"):
                await check_role(pools)
    finally:
        await pools.close()


async def test_the_text_of_a_database_error_holds_no_parameters(
    database: Database, bench: DistrictBench
) -> None:
    async with database.tenant_transaction(whole_district(bench)) as session:
        with pytest.raises(DBAPIError) as caught:
            await session.execute(text("SELECT :answer / 0"), {"answer": 4711})
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize(("mode", "may_serve"), [("off", False), ("on", True), ("local", True)])
async def test_a_database_that_could_forget_acknowledged_answers_may_not_serve(
    settings: Settings, scratch_database: MigratedDatabase, mode: str, may_serve: bool
) -> None:
    with psycopg.connect(scratch_database.dsn, autocommit=True) as admin:
        name = scratch_database.name
        admin.execute(f'ALTER ROLE app_rw IN DATABASE "{name}" SET synchronous_commit = {mode}')
    url = scratch_database.app_url
    pools = Database.from_settings(settings.model_copy(update={"database_url": url}), emitter_for(""))
    try:
        if may_serve:
            await check_durability(pools)
        else:
            with pytest.raises(RuntimeError, match="synchronous_commit"):
                await check_durability(pools)
    finally:
        await pools.close()
