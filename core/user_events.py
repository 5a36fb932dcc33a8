"""The gapless stream of what concerns each user: written with its cause, hinted after the commit, pulled by `seq`."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import after_commit, run
from core.emit import Emitter
from core.models import UserEvent
from core.tenancy import TenantContext, TenantId

SYNC_LIMIT = 500
"""Most events one `sync` answers; a client that is further behind asks again from the last it got."""

# One counter row per user, locked in the order of user ids: two fan-outs can never wait for each other, as long as a
# transaction says everything in one statement. Nothing slow may happen between this statement and the commit.
_RECORD = """
WITH drafts AS (
    SELECT * FROM unnest(CAST(%(names)s AS text[]), CAST(%(payloads)s AS jsonb[]), CAST(%(times)s AS timestamptz[]),
        CAST(%(schools)s AS uuid[])) WITH ORDINALITY AS drafts (name, payload, occurred_at, school_id, draft)
), told AS (
    SELECT * FROM unnest(CAST(%(recipients)s AS uuid[]), CAST(%(drafts)s AS bigint[]), CAST(%(own)s AS jsonb[]))
        AS told (user_id, draft, own) JOIN drafts USING (draft)
), counted AS (
    INSERT INTO app.user_event_counters AS counters (district_id, user_id, school_id, last_seq)
    SELECT %(district_id)s, user_id, (array_agg(school_id))[1], count(*) FROM told
    GROUP BY user_id ORDER BY user_id
    ON CONFLICT (district_id, user_id) DO UPDATE
    SET last_seq = counters.last_seq + excluded.last_seq, updated_at = now()
    RETURNING user_id, last_seq
)
INSERT INTO app.user_events (district_id, user_id, seq, school_id, name, payload, occurred_at)
SELECT %(district_id)s, user_id, last_seq - count(*) OVER (PARTITION BY user_id)
    + row_number() OVER (PARTITION BY user_id ORDER BY draft), school_id, name, payload || own, occurred_at
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


Telling = tuple[Sequence[UUID], UserEventDraft]
"""Who is told what."""


async def record_user_event(
    session: AsyncSession, recipients: Sequence[UUID], draft: UserEventDraft
) -> dict[UUID, int]:
    """Write one event for each recipient in the caller's transaction and hint their sockets after it commits.

    Returns each recipient's `seq`. One statement whatever the number of recipients; call it last, and once: a
    transaction with more to tell calls `record_user_events`.
    """
    return await record_user_events(session, [(recipients, draft)])


async def record_user_events(session: AsyncSession, tellings: Sequence[Telling]) -> dict[UUID, int]:
    """Write several events at once, each person's in the order of `tellings`; returns everybody's last `seq`."""
    told = [(sorted(set(recipients)), draft) for recipients, draft in tellings if recipients]
    if not told:
        return {}
    context: TenantContext = session.info["context"]
    rows = await run(session, _RECORD, {"district_id": context.tenant.value, **_parameters(told)})
    numbers: dict[UUID, list[int]] = defaultdict(list)
    for row in rows:
        numbers[row.user_id].append(row.seq)
    following = {user_id: iter(sorted(found)) for user_id, found in numbers.items()}
    for recipients, draft in told:
        _hint(session, context.tenant, draft, {each: next(following[each]) for each in recipients})
    return {user_id: max(found) for user_id, found in numbers.items()}


def _parameters(told: Sequence[tuple[list[UUID], UserEventDraft]]) -> dict[str, list[Any]]:
    """Lay the drafts and who is told which of them out as columns; drafts are counted from 1."""
    drafts = [draft for _, draft in told]
    each = [(user_id, number) for number, (users, _) in enumerate(told, start=1) for user_id in users]
    return {
        "names": [draft.name for draft in drafts],
        "payloads": [json.dumps(draft.payload) for draft in drafts],
        "times": [draft.occurred_at for draft in drafts],
        "schools": [draft.school_id for draft in drafts],
        "recipients": [user_id for user_id, _ in each],
        "drafts": [number for _, number in each],
        "own": [json.dumps(drafts[number - 1].own.get(user_id, {})) for user_id, number in each],
    }


def _hint(session: AsyncSession, tenant: TenantId, draft: UserEventDraft, numbers: dict[UUID, int]) -> None:
    emitter: Emitter = session.info["emitter"]
    shared = {**draft.payload, "occurred_at": draft.occurred_at.isoformat()}
    own = {user_id: {**draft.own.get(user_id, {}), "seq": seq} for user_id, seq in numbers.items()}
    after_commit(session, lambda: emitter.to_users(tenant, draft.name, shared, own))


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
