"""Notifications: a row to read later and an event to see now, in the transaction of their cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from core.models import Notification
from core.tenancy import TenantContext
from core.user_events import UserEventDraft, record_user_event


@dataclass(frozen=True)
class Notice:
    """What people are told: a kind, a sentence, and the noun and id it is about."""

    kind: str
    title: str
    related: tuple[str, UUID]


async def notify(
    session: AsyncSession,
    recipients: Sequence[UUID],
    notice: Notice,
    *,
    school_id: UUID | None,
    now: datetime,
) -> None:
    """Tell each recipient (all of one school) with two statements, however many they are; call it last."""
    if not recipients:
        return
    context: TenantContext = session.info["context"]
    related_type, related_id = notice.related
    rows = [
        {
            "district_id": context.tenant.value,
            "school_id": school_id,
            "id": new_id(),
            "user_id": recipient,
            "kind": notice.kind,
            "title": notice.title,
            "related_type": related_type,
            "related_id": related_id,
        }
        for recipient in recipients
    ]
    await session.execute(insert(Notification), rows)
    payload = {
        "kind": notice.kind,
        "title": notice.title,
        "related_type": related_type,
        "related_id": str(related_id),
    }
    await record_user_event(session, recipients, UserEventDraft("notification:new", payload, now, school_id))
