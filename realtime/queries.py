"""What a socket may ask of the database; the actor comes first in each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Update, select, text, update

from core.models import Notification, SchoolClass, User, UserEventCounter, UserStatus
from core.tenancy import Actor

LIVING_SESSIONS = text("SELECT * FROM auth.living_sessions(:session_ids, :now)")


def active_account(actor: Actor) -> Select[tuple[UUID]]:
    """The account behind a token, unless it was closed since the token was signed."""
    return select(User.id).where(
        User.district_id == actor.district_id,
        User.id == actor.user_id,
        User.role == actor.role,
        User.school_id.is_not_distinct_from(actor.school_id),
        User.status == UserStatus.ACTIVE,
        User.deleted_at.is_(None),
    )


def last_event_number(actor: Actor) -> Select[tuple[int]]:
    return select(UserEventCounter.last_seq).where(
        UserEventCounter.district_id == actor.district_id, UserEventCounter.user_id == actor.user_id
    )


def taught_class(actor: Actor, class_id: UUID) -> Select[tuple[UUID]]:
    """The class, for the teacher who teaches it and nobody else."""
    return select(SchoolClass.id).where(
        SchoolClass.district_id == actor.district_id,
        SchoolClass.id == class_id,
        SchoolClass.teacher_id == actor.user_id,
        SchoolClass.deleted_at.is_(None),
    )


def unread_as_read(actor: Actor, ids: Sequence[UUID], now: datetime) -> Update:
    """The actor's own unread notifications among `ids`, marked read."""
    return (
        update(Notification)
        .where(
            Notification.district_id == actor.district_id,
            Notification.user_id == actor.user_id,
            Notification.id.in_(ids),
            Notification.read_at.is_(None),
        )
        .values(read_at=now)
    )


def own_notifications(actor: Actor, ids: Sequence[UUID]) -> Select[tuple[UUID]]:
    """Which of `ids` are notifications of the actor."""
    return (
        select(Notification.id)
        .where(
            Notification.district_id == actor.district_id,
            Notification.user_id == actor.user_id,
            Notification.id.in_(ids),
        )
        .order_by(Notification.id)
    )
