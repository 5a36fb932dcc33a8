"""One mail a day with what people want to read together, in the morning of their district."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.mails.service import Mail, send_mails
from api.notifications import queries
from core.consents import ConsentRequiredError, needs_consent, require_consent
from core.db import Database, run
from core.jobs import Workplace
from core.keys import KeyRing
from core.models import ConsentScope, User
from core.tenancy import TenantContext

MORNING = time(7)
BATCH = 100
"""People in one transaction."""
MOST_TITLES = 30
"""In one mail; what is more is counted."""


async def send_digests(database: Database, context: TenantContext, now: datetime) -> int:
    """Write the mails of everybody who is due and not in their quiet hours; return how many.

    What came before the last morning is due; a notification leaves in the transaction that writes its mail, so that
    it is in one digest however often and beside whom this runs.
    """
    ring = Workplace.get().ring
    sent, after = 0, None
    async with database.tenant_transaction(context) as session:
        zone = await session.scalar(queries.DISTRICT_CLOCK, {"district_id": context.tenant.value})
    wanted = {"district_id": context.tenant.value, "until": last_morning(now, zone or "UTC"), "now": now}
    while True:
        async with database.tenant_transaction(context) as session:
            page = {**wanted, "after": after, "limit": BATCH}
            due = [row.user_id for row in await run(session, queries.DUE_FOR_A_DIGEST, page)]
            if not due:
                return sent
            sent += await _write_digests(session, ring, due, wanted)
            after = due[-1]


def last_morning(now: datetime, zone: str) -> datetime:
    """Return the last time a clock in `zone` showed seven in the morning.

    >>> last_morning(datetime(2026, 11, 2, 11, 59, tzinfo=UTC), "America/New_York").isoformat()
    '2026-11-01T12:00:00+00:00'
    """
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(UTC)


async def _write_digests(
    session: AsyncSession, ring: KeyRing, due: Sequence[UUID], wanted: dict[str, Any]
) -> int:
    context: TenantContext = session.info["context"]
    found = await session.scalars(queries.people(context.tenant, due))
    people = [user for user in found if await _may_be_written_to(session, ring, user, wanted["now"])]
    users = {"users": [user.id for user in people]}
    news: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in await run(session, queries.TAKE_FOR_DIGESTS, {**wanted, **users}):
        if row.read_at is None:
            news[row.user_id].append(row)
    mails = [_digest(user, sorted(news[user.id], key=lambda row: row.id)) for user in people if news[user.id]]
    await send_mails(session, ring, mails)
    return len(mails)


async def _may_be_written_to(session: AsyncSession, ring: KeyRing, user: User, now: datetime) -> bool:
    """A child is written to while a guardian's consent stands; a withdrawal comes wholly before or after."""
    if not needs_consent(ring.columns, user, now):
        return True
    context: TenantContext = session.info["context"]
    try:
        await require_consent(session, context.tenant, user.id, ConsentScope.COLLECTION)
    except ConsentRequiredError:
        return False
    return True


def _digest(user: User, news: Sequence[Row[Any]]) -> Mail:
    lines = [_line(row) for row in news[-MOST_TITLES:]]
    if len(news) > MOST_TITLES:
        lines.append(f"- and {len(news) - MOST_TITLES} more")
    content = {"name": user.name, "count": str(len(news)), "news": "\n".join(lines)}
    return Mail("digest", user.email, content, user.school_id)


def _line(row: Row[Any]) -> str:
    """A title on one line; the dash keeps it from being taken for a link of ours."""
    title = " ".join(str(row.title).split())
    return f"- {title}" if row.occurrences == 1 else f"- {title} ({row.occurrences})"
