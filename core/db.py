"""The only place that opens, commits and rolls back transactions.

Every transaction tells PostgreSQL its tenant before its first statement, with transaction-local settings: a
session-level SET leaks through pools. A connection that something poisoned is cleaned before its next use.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NoReturn, Self

import psycopg
import structlog
from sqlalchemy import Connection, CursorResult, PoolResetState, event, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction, with_loader_criteria
from sqlalchemy.orm.session import ORMExecuteState

from core.config import Settings
from core.emit import Emitter
from core.errors import AppError
from core.models.base import TenantOwned
from core.session_marks import SessionMarks
from core.tenancy import TenantContext

logger = structlog.get_logger(__name__)

AfterCommit = Callable[[], Awaitable[None]]

PUBLISH_SECONDS = 1.0
"""Longest time a hint may take after a commit; the truth is in the database already."""

_CONTEXT = (
    "SELECT set_config('app.district_id', %(district)s, true), set_config('app.scope', %(scope)s, true),"
    " set_config('app.user_id', %(user)s, true)"
)


class TenantMissingError(AppError):
    """Something went wrong on our side."""

    status = 500
    code = "internal_error"


class TenantSession(Session):
    """A session that refuses SQL without a tenant and adds the tenant's predicate to every ORM statement."""


class AuthSession(Session):
    """A session without a tenant: it may only execute `auth.*` functions; tenant tables raise in PostgreSQL."""


@event.listens_for(TenantSession, "after_begin")
def _announce_tenant(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    context = _context_of(session)
    connection.exec_driver_sql(
        _CONTEXT,
        {
            "district": str(context.tenant),
            "scope": str(context.scope),
            "user": "" if context.user_id is None else str(context.user_id),
        },
    )


@event.listens_for(TenantSession, "do_orm_execute")
def _name_the_tenant(state: ORMExecuteState) -> None:
    """The second wall: an explicit predicate, which the planner also needs for its estimates."""
    if not state.is_orm_statement:
        return  # written by hand, it names its tenant itself
    district_id = _context_of(state.session).tenant.value
    state.statement = state.statement.options(
        with_loader_criteria(
            TenantOwned,
            lambda entity: entity.district_id == district_id,
            include_aliases=True,
            track_closure_variables=True,
        )
    )


def _context_of(session: Session) -> TenantContext:
    context: TenantContext | None = session.info.get("context")
    if context is None:
        raise TenantMissingError
    return context


def _roll_back(dbapi_connection: Any, _record: Any, state: PoolResetState) -> None:
    if not state.terminate_only:
        dbapi_connection.rollback()


def _forget_everything(dbapi_connection: Any, _record: Any, _fairy: Any) -> None:
    """Clean a connection before its next use and learn whether the server is still there, in one round trip."""
    try:
        dbapi_connection.autocommit = True
        cursor = dbapi_connection.cursor()
        cursor.execute("RESET ALL")
        cursor.close()
        dbapi_connection.autocommit = False
    except psycopg.OperationalError as error:
        raise InvalidatePoolError from error  # the server restarted: the others are dead as well


def _engine(url: str, pool_size: int) -> AsyncEngine:
    """Make a pool that keeps what it opens: a connection beyond it would be opened anew for each request."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=3,
        pool_reset_on_return=None,
        hide_parameters=True,  # what people wrote must not reach a log inside an error's text
        connect_args={"connect_timeout": 3},
    )
    event.listen(engine.sync_engine, "reset", _roll_back)
    event.listen(engine.sync_engine, "checkout", _forget_everything)
    return engine


async def run(session: AsyncSession, statement: str, parameters: Mapping[str, Any]) -> CursorResult[Any]:
    """Execute a hand-written statement of a hot path: psycopg's own `%(name)s`, nothing compiled on the way.

    It runs in the session's transaction, which has announced its tenant, and names that tenant itself.
    """
    return await session.run_sync(
        lambda inner: inner.connection().exec_driver_sql(statement, dict(parameters))
    )


class Database:
    """The connection pools of one process."""

    def __init__(
        self, engine: AsyncEngine, replica: AsyncEngine, emitter: Emitter, marks: SessionMarks
    ) -> None:
        self.engine = engine
        self.replica = replica
        self.emitter = emitter
        self.marks = marks
        self._publishing: set[asyncio.Task[None]] = set()

    @classmethod
    def from_settings(cls, settings: Settings, emitter: Emitter) -> Self:
        engine = _engine(settings.database_url, settings.database_pool_size)
        marks = SessionMarks.from_settings(settings)
        if not settings.replica_database_url:
            return cls(engine, engine, emitter, marks)
        replica = _engine(settings.replica_database_url, settings.database_pool_size)
        return cls(engine, replica, emitter, marks)

    @asynccontextmanager
    async def tenant_transaction(self, context: TenantContext) -> AsyncIterator[AsyncSession]:
        """One transaction of one tenant; what `after_commit` collected is published when it has committed."""
        session = AsyncSession(self.engine, sync_session_class=TenantSession, expire_on_commit=False)
        session.info["context"] = context
        session.info["after_commit"] = []
        session.info["after_hints"] = []
        session.info["before_answer"] = []
        session.info["emitter"] = self.emitter
        session.info["marks"] = self.marks
        session.info["database"] = self
        async with session, session.begin():
            yield session
        if session.info["before_answer"]:
            await _publish_in_order(session.info["before_answer"])
        self._publish([*session.info["after_commit"], *session.info["after_hints"]])

    @asynccontextmanager
    async def read_transaction(self, context: TenantContext) -> AsyncIterator[AsyncSession]:
        """A read-only transaction, on the replica where settings name one (analytics, reports)."""
        session = AsyncSession(self.replica, sync_session_class=TenantSession, expire_on_commit=False)
        session.info["context"] = context
        async with session, session.begin():
            await session.execute(text("SET TRANSACTION READ ONLY"))
            yield session

    @asynccontextmanager
    async def auth_session(self) -> AsyncIterator[AsyncSession]:
        """One transaction before any tenant is known: only `auth.*` functions answer in it."""
        session = AsyncSession(self.engine, sync_session_class=AuthSession)
        async with session, session.begin():
            yield session

    def _publish(self, hints: list[AfterCommit]) -> None:
        """Send hints in the background, in order: a slow or dead Redis never delays an answer."""
        if not hints:
            return
        task = asyncio.create_task(_publish_in_order(hints))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._publishing, return_exceptions=True)
        await self.engine.dispose()
        if self.replica is not self.engine:
            await self.replica.dispose()
        await self.emitter.close()
        await self.marks.close()


async def _publish_in_order(hints: list[AfterCommit]) -> None:
    try:
        async with asyncio.timeout(PUBLISH_SECONDS):
            for hint in hints:
                await hint()
    except Exception as error:  # noqa: BLE001 - whatever Redis does, the truth is committed and clients pull
        logger.warning("hint_not_published", error=type(error).__name__)


def after_commit(session: AsyncSession, hint: AfterCommit) -> None:
    """Run `hint` once the caller's transaction has committed; dropped when it rolls back."""
    session.info["after_commit"].append(hint)


def after_hints(session: AsyncSession, hint: AfterCommit) -> None:
    """Run `hint` as `after_commit` does, when all of those have run: what it needs time for must not delay them."""
    session.info["after_hints"].append(hint)


def before_answer(session: AsyncSession, act: AfterCommit) -> None:
    """Run `act` once the caller's transaction has committed, and wait for it (a second at most).

    For what the caller must find true when the answer arrives; a failure is logged, since the truth is stored.
    """
    session.info["before_answer"].append(act)


@asynccontextmanager
async def savepoint(session: AsyncSession) -> AsyncIterator[None]:
    """A part of a tenant transaction that an error takes back alone, with the hints it collected."""
    queues = [session.info[name] for name in ("after_commit", "after_hints", "before_answer")]
    lengths = [len(queue) for queue in queues]
    try:
        async with session.begin_nested():
            yield
    except BaseException:
        for queue, length in zip(queues, lengths, strict=True):
            del queue[length:]
        raise


async def check_role(database: Database) -> None:
    """Refuse to serve as a role that could walk through the walls.

    Raises RuntimeError for a superuser, a role that bypasses row security, or one that owns tables, be it as a
    member of their owner (on a managed server the admin who migrates is that, and no superuser).
    """
    statement = text(
        "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_class"
        " WHERE relnamespace IN (to_regnamespace('app'), to_regnamespace('auth'))"
        " AND pg_has_role(relowner, 'MEMBER')) FROM pg_roles WHERE rolname = current_user"
    )
    async with database.auth_session() as session:
        if await session.scalar(statement):
            _refuse_to_serve("HOMEROOM_DATABASE_URL names a role that bypasses row security; use app_rw")


async def check_durability(database: Database) -> None:
    """Refuse to acknowledge answers that a power cut could lose. Raises RuntimeError."""
    async with database.auth_session() as session:
        if await session.scalar(text("SHOW synchronous_commit")) == "off":
            _refuse_to_serve("synchronous_commit is off: an acknowledged answer could be lost")


def _refuse_to_serve(reason: str) -> NoReturn:
    """Say why in the log as well: the server around us prints no error's words."""
    logger.critical("refuses_to_serve", reason=reason)
    raise RuntimeError(reason)
