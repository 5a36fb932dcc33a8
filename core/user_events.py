"""The gapless stream of what concerns each user: written with its cause, hinted after the commit, pulled by `seq`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import after_commit, run
from core.models import UserEvent
from core.tenancy import TenantContext, TenantId

SYNC_LIMIT = 500
"""Most events one `sync` answers; a client that is further behind asks again from the last it got."""

# One counter row per user, locked in the order of user ids: two fan-outs can never wait for each other.
# Nothing slow may happen between this statement and the commit.
_RECORD = """
WITH told AS (
    SELECT * FROM unnest(CAST(%(recipients)s AS uuid[]), CAST(%(payloads)s AS jsonb[])) AS told (user_id, payload)
), counted AS (
    INSERT INTO app.user_event_counters AS counters (district_id, user_id, school_id, last_seq)
    SELECT %(district_id)s, user_id, %(school_id)s, 1 FROM told
    ORDER BY user_id
    ON CONFLICT (district_id, user_id) DO UPDATE SET last_seq = counters.last_seq + 1, updated_at = now()
    RETURNING user_id, last_seq
)
INSERT INTO app.user_events (district_id, user_id, seq, school_id, name, payload, occurred_at)
SELECT %(district_id)s, user_id, last_seq, %(school_id)s, %(name)s, payload, %(occurred_at)s
FROM counted JOIN told USING (user_id)
RETURNING user_id, seq
"""


@dataclass(frozen=True)
class UserEventDraft:
    """An event before it has its number. `school_id` is the recipients' school, None for district admins.

    `own` is what single recipients hear besides what all hear.
    """

    name: str
    payload: dict[str, Any]
    occurred_at: datetime
    school_id: UUID | None
    own: Mapping[UUID, dict[str, Any]] = field(default_factory=dict)

    def payload_for(self, recipient: UUID) -> dict[str, Any]:
        return {**self.payload, **self.own.get(recipient, {})}


async def record_user_event(
    session: AsyncSession, recipients: Sequence[UUID], draft: UserEventDraft
) -> dict[UUID, int]:
    """Write one event for each recipient in the caller's transaction and hint their sockets after it commits.

    Returns each recipient's `seq`. One statement whatever the number of recipients; call it last.
    """
    if not recipients:
        return {}
    context: TenantContext = session.info["context"]
    ordered = sorted(set(recipients))
    rows = await run(
        session,
        _RECORD,
        {
            "district_id": context.tenant.value,
            "school_id": draft.school_id,
            "recipients": ordered,
            "name": draft.name,
            "payloads": [json.dumps(draft.payload_for(recipient)) for recipient in ordered],
            "occurred_at": draft.occurred_at,
        },
    )
    numbers = {row.user_id: row.seq for row in rows}
    _hint(session, context.tenant, draft, numbers)
    return numbers


def _hint(session: AsyncSession, tenant: TenantId, draft: UserEventDraft, numbers: dict[UUID, int]) -> None:
    emitter = session.info["emitter"]

    async def publish() -> None:
        for user_id, seq in numbers.items():
            form = wire_form(seq, draft.payload_for(user_id), draft.occurred_at)
            await emitter.to_user(tenant, user_id, draft.name, form)

    after_commit(session, publish)


def wire_form(seq: int, payload: dict[str, Any], occurred_at: datetime) -> dict[str, Any]:
    """Return what a client receives: the payload with its `seq` and time."""
    return {**payload, "seq": seq, "occurred_at": occurred_at.isoformat()}


async def user_events_after(
    session: AsyncSession, user_id: UUID, after_seq: int, *, limit: int = SYNC_LIMIT
) -> list[UserEvent]:
    """Return a user's events with `seq > after_seq`, oldest first, at most `limit`."""
    statement = (
        select(UserEvent)
        .where(UserEvent.user_id == user_id, UserEvent.seq > after_seq)
        .order_by(UserEvent.seq)
        .limit(limit)
    )
    return list(await session.scalars(statement))
