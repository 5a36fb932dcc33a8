"""What a person's badge shows: unread messages and notifications, counted when something changed, never kept."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database, after_hints, run
from core.emit import Emitter
from core.messages.unread import count_unread
from core.tenancy import TenantContext

_UNREAD_NOTIFICATIONS = """
SELECT user_id, count(*) AS unread FROM app.notifications
WHERE district_id = %(district_id)s AND user_id = ANY(%(users)s) AND read_at IS NULL
GROUP BY user_id
"""


def tell_badges(session: AsyncSession, user_ids: Collection[UUID]) -> None:
    """Have each person's sockets hear `badge` once the caller's transaction has committed.

    However often one transaction asks: counted once, after the commit, by two statements for everybody, so that what
    else happened meanwhile is in it and no lock is held. A badge is a hint: whoever missed one asks
    `/notifications/unread-count` and `/messages/unread`.
    """
    if not user_ids:
        return
    hints: list[object] = session.info["after_hints"]
    waiting = next((hint for hint in hints if isinstance(hint, _Badges)), None)
    if waiting is None:
        waiting = _Badges(session.info["context"], session.info["database"], session.info["emitter"])
        after_hints(session, waiting)
    waiting.user_ids.update(user_ids)


@dataclass(frozen=True, slots=True)
class _Badges:
    """The hint that a transaction leaves."""

    context: TenantContext
    database: Database
    emitter: Emitter
    user_ids: set[UUID] = field(default_factory=set)

    async def __call__(self) -> None:
        async with self.database.tenant_transaction(self.context) as later:
            badges = await count_badges(later, self.context, self.user_ids)
        await self.emitter.to_users(self.context.tenant, "badge", {}, badges)


async def count_badges(
    session: AsyncSession, context: TenantContext, user_ids: Collection[UUID]
) -> dict[UUID, dict[str, int]]:
    """Return `{unread_messages, unread_notifications}` of each of these people."""
    users = sorted(set(user_ids))
    wanted = {"district_id": context.tenant.value, "users": users}
    rows = await run(session, _UNREAD_NOTIFICATIONS, wanted)
    notifications = {row.user_id: row.unread for row in rows}
    messages = await count_unread(session, context.tenant, users)
    return {
        user_id: {
            "unread_messages": messages.get(user_id, 0),
            "unread_notifications": notifications.get(user_id, 0),
        }
        for user_id in users
    }
