"""What people have not read: counted from the messages themselves each time, so that it is always right."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import run
from core.messages.seats import SEATS
from core.tenancy import TenantId

UNREAD_BY_CONVERSATION = f"""
SELECT seat.user_id, seat.conversation_id, found.unread
FROM ({SEATS}) AS seat
JOIN app.conversations c ON c.district_id = %(district_id)s AND c.id = seat.conversation_id
LEFT JOIN app.conversation_reads r ON r.district_id = %(district_id)s AND r.conversation_id = seat.conversation_id
  AND r.user_id = seat.user_id
CROSS JOIN LATERAL (
    SELECT count(*) AS unread FROM app.messages m
    WHERE m.district_id = %(district_id)s AND m.conversation_id = seat.conversation_id
      AND m.number > coalesce(r.read_number, 0) AND m.sender_id <> seat.user_id AND m.deleted_at IS NULL
      AND (seat.since IS NULL OR m.sent_at >= seat.since)
) AS found
WHERE c.last_number > coalesce(r.read_number, 0)
"""
"""Of each of `users`, each conversation with something after what they read; parameters as of `SEATS`."""

_UNREAD = f"""
SELECT user_id, CAST(sum(unread) AS bigint) AS unread FROM ({UNREAD_BY_CONVERSATION}) AS unread GROUP BY user_id
"""


async def count_unread(session: AsyncSession, tenant: TenantId, user_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many messages each of these people has not read, by one statement; who has none may be missing.

    What others wrote counts, deleted messages do not, nor what was there before a student had a place.
    """
    rows = await run(session, _UNREAD, {"district_id": tenant.value, "users": sorted(set(user_ids))})
    return {row.user_id: row.unread for row in rows}


async def unread_by_conversation(session: AsyncSession, tenant: TenantId, user_id: UUID) -> dict[UUID, int]:
    """Return how many messages one person has not read in each conversation that has any."""
    rows = await run(session, UNREAD_BY_CONVERSATION, {"district_id": tenant.value, "users": [user_id]})
    return {row.conversation_id: row.unread for row in rows if row.unread}
