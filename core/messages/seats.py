"""Who is in a conversation at this moment: nobody is ever joined to one, so nobody has to be thrown out.

In a class's conversation are its teacher and the students who have a place; in a direct one its two people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import run
from core.errors import NotFoundError
from core.messages.errors import ConversationClosedError, ReadOnlyConversationError
from core.models import ConversationKind
from core.tenancy import Actor, TenantId

SEATS = """
    SELECT c.id AS conversation_id, c.teacher_id AS user_id, CAST(NULL AS timestamptz) AS since
    FROM app.conversations c
    WHERE c.district_id = %(district_id)s AND c.teacher_id = ANY(%(users)s)
    UNION ALL
    SELECT c.id, c.student_id, NULL FROM app.conversations c
    WHERE c.district_id = %(district_id)s AND c.student_id = ANY(%(users)s)
    UNION ALL
    SELECT c.id, k.teacher_id, NULL FROM app.classes k
    JOIN app.conversations c ON c.district_id = k.district_id AND c.class_id = k.id
    WHERE k.district_id = %(district_id)s AND k.teacher_id = ANY(%(users)s) AND k.deleted_at IS NULL
    UNION ALL
    SELECT c.id, e.student_id, coalesce(e.decided_at, e.requested_at) FROM app.class_enrollments e
    JOIN app.classes k ON k.district_id = e.district_id AND k.id = e.class_id AND k.deleted_at IS NULL
    JOIN app.conversations c ON c.district_id = e.district_id AND c.class_id = e.class_id
    WHERE e.district_id = %(district_id)s AND e.student_id = ANY(%(users)s) AND e.status = 'approved'
      AND e.deleted_at IS NULL
"""
"""Every conversation of each of `users`, and since when a student has the place; takes `district_id` and `users`."""

_SHARED_CLASS = """
    SELECT 1 FROM app.classes k
    JOIN app.class_enrollments e ON e.district_id = k.district_id AND e.class_id = k.id
      AND e.status = 'approved' AND e.deleted_at IS NULL
    WHERE k.district_id = {district} AND k.teacher_id = {teacher} AND k.deleted_at IS NULL
      AND e.student_id = {student}
"""

_SEAT = f"""
SELECT c.id, c.school_id, c.kind, c.class_id, c.teacher_id, c.student_id,
    coalesce(c.teacher_id, k.teacher_id) AS leader_id, k.name AS class_name,
    c.kind <> 'direct' OR EXISTS ({
    _SHARED_CLASS.format(district="c.district_id", teacher="c.teacher_id", student="c.student_id")
}) AS is_open
FROM app.conversations c
LEFT JOIN app.classes k ON k.district_id = c.district_id AND k.id = c.class_id AND k.deleted_at IS NULL
LEFT JOIN app.class_enrollments e ON e.district_id = k.district_id AND e.class_id = k.id
  AND e.student_id = %(user_id)s AND e.status = 'approved' AND e.deleted_at IS NULL
WHERE c.district_id = %(district_id)s AND c.id = %(conversation_id)s
  AND (%(user_id)s IN (c.teacher_id, c.student_id, k.teacher_id) OR e.id IS NOT NULL)
"""

_MEMBERS = """
SELECT unnest(ARRAY[c.teacher_id, c.student_id]) AS user_id FROM app.conversations c
WHERE c.district_id = %(district_id)s AND c.id = %(conversation_id)s AND c.kind = 'direct'
UNION ALL
SELECT k.teacher_id FROM app.conversations c
JOIN app.classes k ON k.district_id = c.district_id AND k.id = c.class_id AND k.deleted_at IS NULL
WHERE c.district_id = %(district_id)s AND c.id = %(conversation_id)s
UNION ALL
SELECT e.student_id FROM app.conversations c
JOIN app.classes k ON k.district_id = c.district_id AND k.id = c.class_id AND k.deleted_at IS NULL
JOIN app.class_enrollments e ON e.district_id = k.district_id AND e.class_id = k.id
  AND e.status = 'approved' AND e.deleted_at IS NULL
WHERE c.district_id = %(district_id)s AND c.id = %(conversation_id)s
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's place in one conversation, as it is now."""

    conversation_id: UUID
    school_id: UUID
    kind: ConversationKind
    leader_id: UUID
    """The teacher: of the class, or of the two."""
    class_name: str | None
    is_open: bool
    """The two share a class; always so in a class's conversation."""

    def require_writable(self, actor: Actor) -> None:
        """Raise ConversationClosedError or ReadOnlyConversationError where the actor may only read."""
        if self.kind is ConversationKind.ANNOUNCEMENTS and actor.user_id != self.leader_id:
            raise ReadOnlyConversationError
        if not self.is_open:
            raise ConversationClosedError


async def take_seat(session: AsyncSession, actor: Actor, conversation_id: UUID) -> Seat:
    """Return the actor's place in a conversation, by one statement. Raises NotFoundError where there is none."""
    wanted = {
        "district_id": actor.district_id,
        "conversation_id": conversation_id,
        "user_id": actor.user_id,
    }
    row: Any = (await run(session, _SEAT, wanted)).one_or_none()
    if row is None or row.leader_id is None:
        raise NotFoundError
    kind = ConversationKind(row.kind)
    return Seat(row.id, row.school_id, kind, row.leader_id, row.class_name, row.is_open)


async def members(session: AsyncSession, tenant: TenantId, conversation_id: UUID) -> list[UUID]:
    """Return everybody who is in a conversation now."""
    wanted = {"district_id": tenant.value, "conversation_id": conversation_id}
    return list((await run(session, _MEMBERS, wanted)).scalars())


async def share_a_class(session: AsyncSession, tenant: TenantId, teacher_id: UUID, student_id: UUID) -> bool:
    """Tell whether a teacher teaches a student at this moment."""
    statement = (
        "SELECT EXISTS ("
        + _SHARED_CLASS.format(district="%(district_id)s", teacher="%(teacher_id)s", student="%(student_id)s")
        + ")"
    )
    wanted = {"district_id": tenant.value, "teacher_id": teacher_id, "student_id": student_id}
    return bool((await run(session, statement, wanted)).scalar_one())


def teacher_and_student(actor: Actor, other: UUID) -> Sequence[UUID]:
    """Return the pair in the order of a direct conversation."""
    return (other, actor.user_id) if actor.is_student else (actor.user_id, other)
