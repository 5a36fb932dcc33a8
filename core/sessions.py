"""Sessions as every program sees them: whether one still lives, and ending them everywhere at once.

A token proves who somebody is for ten minutes; the session behind it may end any moment. Each request asks Redis
(one round trip) and PostgreSQL only once a minute. While Redis is away, what this process knew counts for at most a
minute; so an ended session is refused at once with Redis, and within a minute without.
"""

from collections import OrderedDict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database, before_answer
from core.errors import UnauthenticatedError
from core.models import User
from core.session_marks import TRUSTED_FOR, MarksAwayError, SessionMarks
from core.tenancy import Actor, TenantContext

REMEMBERED = 50_000
"""Sessions a process remembers for when Redis is away; the oldest make room."""

_LIVES = text("SELECT auth.session_lives(:session_id, :user_id, :now)")
_REVOKE_ONE = text("SELECT auth.revoke_session(:session_id, :user_id, :now)")
_REVOKE_ALL = text("SELECT * FROM auth.revoke_sessions_of(:user_id, :now, :keep)")


class SessionEndedError(UnauthenticatedError):
    """This session has ended; sign in again."""

    code = "session_ended"


class SessionGate:
    """Lets living sessions pass; one per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marks: SessionMarks = database.marks
        self._known: OrderedDict[UUID, datetime] = OrderedDict()

    async def require_alive(self, actor: Actor, now: datetime) -> None:
        """Raise SessionEndedError when the session behind a token was ended, by whatever way."""
        if not await self.is_alive(actor, now):
            raise SessionEndedError

    async def is_alive(self, actor: Actor, now: datetime) -> bool:
        """Tell whether the session behind a token lives, as far as anybody has heard."""
        try:
            mark = await self._marks.read(actor.tenant, actor.session_id)
        except MarksAwayError:
            return self._lived_lately(actor.session_id, now) or await self._asked(actor, now)
        if mark.is_ended:
            self._known.pop(actor.session_id, None)
            return False
        if mark.alive_until is not None and mark.is_alive(now):
            self._remember(actor.session_id, mark.alive_until)
            return True
        return await self._asked(actor, now)

    def _lived_lately(self, session_id: UUID, now: datetime) -> bool:
        until = self._known.get(session_id)
        return until is not None and now < until <= now + TRUSTED_FOR

    async def _asked(self, actor: Actor, now: datetime) -> bool:
        """Ask PostgreSQL, and let the others know what it said."""
        async with self._database.auth_session() as session:
            lives = await session_lives(session, actor, now)
        if lives:
            self._remember(actor.session_id, now + TRUSTED_FOR)
            await self._marks.remember_alive(actor.tenant, actor.session_id, now + TRUSTED_FOR)
        else:
            self._known.pop(actor.session_id, None)
        return lives

    def _remember(self, session_id: UUID, until: datetime) -> None:
        self._known[session_id] = until
        self._known.move_to_end(session_id)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


async def session_lives(session: AsyncSession, actor: Actor, now: datetime) -> bool:
    """Ask PostgreSQL, in a transaction that is open already."""
    wanted = {"session_id": actor.session_id, "user_id": actor.user_id, "now": now}
    return bool(await session.scalar(_LIVES, wanted))


async def require_session(session: AsyncSession, actor: Actor, now: datetime) -> None:
    """Raise SessionEndedError when PostgreSQL says that the session behind a token was ended."""
    if not await session_lives(session, actor, now):
        raise SessionEndedError


async def hold_person(session: AsyncSession, user_id: UUID, *, is_alone: bool = False) -> None:
    """Lock a person's row until we commit: together with others who open something for them, or alone to end it.

    Whoever comes second waits, and sees what the first did; else a session would be opened while all are ended. Taken
    before any lock on the person's password, links, codes or sessions, so that no two wait for each other.
    """
    context: TenantContext = session.info["context"]
    row = select(User.id).where(User.district_id == context.tenant.value, User.id == user_id)
    await session.execute(row.with_for_update(read=not is_alone, key_share=is_alone))


async def end_sessions(
    session: AsyncSession, user_id: UUID, *, now: datetime, keep: UUID | None = None
) -> None:
    """End every living session of a person but `keep`, in the caller's tenant transaction.

    One that is being opened is waited for and ended too. Once it has committed, and before the answer leaves, their
    tokens are refused and their sockets hang up.
    """
    await hold_person(session, user_id, is_alone=True)
    ended = list(await session.scalars(_REVOKE_ALL, {"user_id": user_id, "now": now, "keep": keep}))
    _tell(session, ended)


async def end_session(session: AsyncSession, user_id: UUID, session_id: UUID, *, now: datetime) -> bool:
    """End one living session of a person, as `end_sessions` does. False when they have no such session."""
    wanted = {"session_id": session_id, "user_id": user_id, "now": now}
    has_ended = bool(await session.scalar(_REVOKE_ONE, wanted))
    _tell(session, [session_id] if has_ended else [])
    return has_ended


def _tell(session: AsyncSession, ended: list[UUID]) -> None:
    context: TenantContext = session.info["context"]
    marks: SessionMarks = session.info["marks"]
    if ended:
        before_answer(session, lambda: marks.remember_ended(context.tenant, ended))
