"""The audit trail: one append-only row per act, in the transaction of the act."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from core.models import AuditEntry
from core.tenancy import Actor


async def record_audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    target: tuple[str, UUID],
    *,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Write who did what to which record.

    `action` is a verb in the past tense, `target` a noun and an id, `details` holds no names.
    """
    await session.execute(
        insert(AuditEntry).values(
            district_id=actor.district_id,
            id=new_id(),
            school_id=actor.school_id,
            actor_id=actor.user_id,
            action=action,
            object_type=target[0],
            object_id=target[1],
            details=details or {},
            occurred_at=now,
        )
    )
