"""What a person's badge shows: unread messages and notifications, counted when something changed, never kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database, after_commit, run
from core.emit import Emitter
from core.messages.unread import count_unread
from core.tenancy import TenantContext

_UNREAD_NOTIFICATIONS = """
SELECT user_id, count(*) AS unread FROM app.notifications
WHERE district_id = %(district_id)s AND user_id = ANY(%(users)s) AND read_at IS NULL
GROUP BY user_id
"""


def tell_badges(session: AsyncSession, user_ids: Sequence[UUID]) -> None:
    """Have each person's sockets hear `badge` once the caller's transaction has committed.

    Counted after the commit, by two statements however many people: what else happened meanwhile is in it, and no
    lock is held. A badge is a hint: whoever missed one asks `/notifications/unread-count` and `/messages/unread`.
    """
    if not user_ids:
        return
    context: TenantContext = session.info["context"]
    database: Database = session.info["database"]
    emitter: Emitter = session.info["emitter"]

    async def publish() -> None:
        async with database.tenant_transaction(context) as later:
            badges = await count_badges(later, context, user_ids)
        await emitter.to_users(context.tenant, "badge", {}, badges)

    after_commit(session, publish)


async def count_badges(
    session: AsyncSession, context: TenantContext, user_ids: Sequence[UUID]
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
