"""What is kept of what people were told: events for five weeks, read notifications for half a year."""

from datetime import datetime, timedelta
from typing import Any

from api.notifications import queries
from core.db import Database, run
from core.tenancy import TenantContext

EVENT_DAYS = 35
"""A client that was away for longer loads its pages anew (`resync_required`)."""
READ_DAYS = 180
BATCH = 200
"""People in one transaction: locks stay short, and a stream is walked along its key."""


async def remove_old(database: Database, context: TenantContext, now: datetime) -> int:
    """Remove events older than five weeks and notifications that were read half a year ago; return how many."""
    removed, after = 0, None
    district = {"district_id": context.tenant.value}
    while True:
        async with database.tenant_transaction(context) as session:
            page = {**district, "after": after, "limit": BATCH}
            users = [row.user_id for row in await run(session, queries.NEXT_STREAMS, page)]
            if not users:
                return removed
            for statement, days in (
                (queries.REMOVE_EVENTS, EVENT_DAYS),
                (queries.REMOVE_NOTIFICATIONS, READ_DAYS),
            ):
                old: dict[str, Any] = {**district, "users": users, "before": now - timedelta(days=days)}
                removed += (await run(session, statement, old)).rowcount
            after = users[-1]
