"""One's own notifications: read, unread again, counted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from api.notifications import queries
from core.badges import tell_badges
from core.errors import NotFoundError
from core.models import Notification
from core.tenancy import Actor


async def mark(
    session: AsyncSession, actor: Actor, notification_id: UUID, *, is_read: bool, now: datetime
) -> Notification:
    """Mark one read or unread; a time at which it was read before stays. Raises NotFoundError.

    Raises ConflictError when there is another unread notification of the same conversation already.
    """
    statement = queries.own_notifications(actor).where(Notification.id == notification_id).with_for_update()
    notification = await session.scalar(statement)
    if notification is None:
        raise NotFoundError
    if is_read != (notification.read_at is not None):
        notification.read_at = now if is_read else None
        await session.flush()
        tell_badges(session, [actor.user_id])
    return notification


async def mark_all(session: AsyncSession, actor: Actor, up_to: UUID | None, *, now: datetime) -> int:
    """Mark all unread ones read, up to and with `up_to`; return how many. Raises NotFoundError for a foreign one."""
    if up_to is not None:
        found = await session.scalar(queries.own_notifications(actor).where(Notification.id == up_to))
        if found is None:
            raise NotFoundError(field="up_to")
    result = await session.execute(queries.all_as_read(actor, up_to, now))
    count = result.rowcount if isinstance(result, CursorResult) else 0
    if count:
        tell_badges(session, [actor.user_id])
    return count


async def count_unread(session: AsyncSession, actor: Actor) -> int:
    return await session.scalar(queries.unread_count(actor)) or 0
