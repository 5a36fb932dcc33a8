from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Update, func, select, text, update

from core.models import Notification, NotificationPreference
from core.tenancy import Actor


def own_notifications(actor: Actor) -> Select[tuple[Notification]]:
    return select(Notification).where(
        Notification.district_id == actor.district_id, Notification.user_id == actor.user_id
    )


def unread_count(actor: Actor) -> Select[tuple[int]]:
    return select(func.count()).where(
        Notification.district_id == actor.district_id,
        Notification.user_id == actor.user_id,
        Notification.read_at.is_(None),
    )


def all_as_read(actor: Actor, up_to: UUID | None, now: datetime) -> Update:
    """Mark everything unread as read, up to and with one of them; locked in the order of ids."""
    unread = own_notifications(actor).with_only_columns(Notification.id).where(Notification.read_at.is_(None))
    if up_to is not None:
        unread = unread.where(Notification.id <= up_to)
    locked = unread.order_by(Notification.id).with_for_update()
    return (
        update(Notification)
        .where(Notification.district_id == actor.district_id, Notification.id.in_(locked))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def own_preferences(actor: Actor) -> Select[tuple[NotificationPreference]]:
    return select(NotificationPreference).where(
        NotificationPreference.district_id == actor.district_id,
        NotificationPreference.user_id == actor.user_id,
    )


OWN_SETTINGS = text(
    """
    SELECT settings.quiet_from, settings.quiet_until,
        coalesce(settings.time_zone, district.time_zone) AS time_zone
    FROM app.districts AS district LEFT JOIN app.notification_settings AS settings
        ON settings.district_id = district.district_id AND settings.user_id = :user_id
    WHERE district.district_id = :district_id
    """
)

KEEP_SETTINGS = text(
    """
    INSERT INTO app.notification_settings AS settings
        (district_id, user_id, school_id, quiet_from, quiet_until, time_zone)
    SELECT :district_id, :user_id, :school_id, :quiet_from, :quiet_until, CAST(:time_zone AS text)
    WHERE (now() AT TIME ZONE coalesce(:time_zone, 'UTC')) IS NOT NULL
    ON CONFLICT (district_id, user_id) DO UPDATE SET quiet_from = excluded.quiet_from,
        quiet_until = excluded.quiet_until, time_zone = excluded.time_zone, updated_at = now()
    """
)
"""Refuses a zone that the database does not know (SQLSTATE 22023): nobody could be told anything by its clock.

One person's row is the lock for their preferences: of two who write at once the second starts when the first is done.
"""

FORGET_PREFERENCES = text(
    "DELETE FROM app.notification_preferences WHERE district_id = :district_id AND user_id = :user_id"
)
KEEP_PREFERENCES = text(
    """
    INSERT INTO app.notification_preferences (district_id, user_id, school_id, kind, delivery)
    SELECT :district_id, :user_id, :school_id, kind, delivery
    FROM unnest(CAST(:kinds AS text[]), CAST(:deliveries AS text[])) AS wished (kind, delivery)
    """
)
