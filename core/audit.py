"""The audit trail: one append-only row per act or read, in the transaction of the act."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from core.models import tenant_audit_events
from core.tenancy import Actor, TenantContext


async def record_audit(
    session: AsyncSession,
    actor: Actor | None,
    action: str,
    target: tuple[str, UUID],
    *,
    now: datetime,
    school_id: UUID | None = None,
    subject_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Write one row about what `actor` did to `target`; without an actor, what somebody unknown did.

    `action` is a verb in the past tense, `target` a noun and an id, `subject_id` the person it is about,
    `details` holds no names. `school_id` is the actor's unless given.
    """
    row = _row(session, None if actor is None else actor.user_id, now) | {
        "school_id": school_id if actor is None else actor.school_id,
        "subject_id": subject_id,
        "action": action,
        "object_type": target[0],
        "object_id": target[1],
        "details": details or {},
    }
    await session.execute(insert(tenant_audit_events).values(row))


async def record_reads(
    session: AsyncSession, actor: Actor, subjects: Sequence[UUID], target: tuple[str, str], *, now: datetime
) -> None:
    """Write that the actor read these students' records, in one statement; their own are nobody's business.

    `target` is the noun that was read and the purpose: the permission that opened the door.
    """
    noun, purpose = target
    rows = [
        _row(session, actor.user_id, now)
        | {
            "school_id": actor.school_id,
            "subject_id": subject,
            "action": "read",
            "object_type": noun,
            "object_id": subject,
            "purpose": purpose,
            "details": {},
        }
        for subject in sorted(set(subjects) - {actor.user_id})
    ]
    if rows:
        await session.execute(insert(tenant_audit_events), rows)


def _row(session: AsyncSession, actor_id: UUID | None, now: datetime) -> dict[str, Any]:
    context: TenantContext = session.info["context"]
    return {
        "district_id": context.tenant.value,
        "id": new_id(),
        "occurred_at": now,
        "actor_id": actor_id,
        "subject_id": None,
        "purpose": None,
    }
