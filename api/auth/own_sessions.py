"""One's own sessions: which devices are signed in, and ending one or all of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import queries
from api.auth.schemas import SessionOut
from api.paging import PageRequest, encode_cursor
from core import sessions
from core.audit import record_audit
from core.errors import NotFoundError
from core.tenancy import Actor


async def list_sessions(
    session: AsyncSession, actor: Actor, page: PageRequest, *, now: datetime
) -> tuple[list[SessionOut], str | None]:
    """Return one page of the actor's living sessions and the cursor of the next, oldest first."""
    wanted = {"user_id": actor.user_id, "now": now, "after": page.after_id, "most": page.limit + 1}
    rows = (await session.execute(queries.SESSIONS_OF, wanted)).mappings().all()
    next_cursor = encode_cursor(rows[page.limit - 1]["id"]) if len(rows) > page.limit else None
    shown = [SessionOut(**row, is_current=row["id"] == actor.session_id) for row in rows[: page.limit]]
    return shown, next_cursor


async def end_one(session: AsyncSession, actor: Actor, session_id: UUID, *, now: datetime) -> None:
    """End one of the actor's sessions. Raises NotFoundError when they have no such living session."""
    if not await sessions.end_session(session, actor.user_id, session_id, now=now):
        raise NotFoundError
    await record_audit(
        session, actor, "session_revoked", ("session", session_id), now=now, subject_id=actor.user_id
    )


async def end_all(session: AsyncSession, actor: Actor, *, now: datetime) -> None:
    """End all of the actor's sessions."""
    await sessions.end_sessions(session, actor.user_id, now=now)
    await record_audit(
        session, actor, "session_revoked", ("user", actor.user_id), now=now, subject_id=actor.user_id
    )
