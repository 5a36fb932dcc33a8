"""The audit trail: one append-only row per act or read, in the transaction of the act."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import run
from core.ids import new_id
from core.models import tenant_audit_events
from core.tenancy import Actor, TenantContext

_RECORD_READS = """
INSERT INTO app.tenant_audit_events
    (district_id, school_id, id, actor_id, subject_id, action, object_type, object_id, purpose, details, occurred_at)
SELECT %(district_id)s, person.school_id, read.id, %(actor_id)s, read.subject_id, 'read', %(noun)s, read.subject_id,
    %(purpose)s, '{}'::jsonb, %(now)s
FROM unnest(CAST(%(ids)s AS uuid[]), CAST(%(subjects)s AS uuid[])) AS read (id, subject_id)
JOIN app.users AS person ON person.district_id = %(district_id)s AND person.id = read.subject_id
WHERE person.role = 'student'
"""


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


async def record_audits(
    session: AsyncSession,
    actor: Actor,
    action: str,
    targets: Iterable[tuple[str, UUID, UUID | None]],
    *,
    now: datetime,
) -> None:
    """Write a row for each of many targets (noun, id, the person it is about): one statement for all."""
    rows = [
        _row(session, actor.user_id, now)
        | {
            "school_id": actor.school_id,
            "subject_id": subject_id,
            "action": action,
            "object_type": noun,
            "object_id": object_id,
            "details": {},
        }
        for noun, object_id, subject_id in targets
    ]
    if rows:
        await session.execute(insert(tenant_audit_events), rows)


async def record_reads(
    session: AsyncSession, actor: Actor, subjects: Iterable[UUID], target: tuple[str, str], *, now: datetime
) -> None:
    """Write that the actor read these people's records: one statement, one row for each student among them.

    What one reads of oneself is nobody's business. `target` is the noun that was read and the purpose: the
    permission that opened the door. A row stands in the student's own school, so that the school sees what an
    admin of the district read.
    """
    noun, purpose = target
    others = sorted(set(subjects) - {actor.user_id})
    if not others:
        return
    await run(
        session,
        _RECORD_READS,
        {
            "district_id": actor.district_id,
            "actor_id": actor.user_id,
            "ids": [new_id() for _ in others],
            "subjects": others,
            "noun": noun,
            "purpose": purpose,
            "now": now,
        },
    )


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
