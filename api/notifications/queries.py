from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Update, func, select, text, update

from core.models import (
    Audience,
    Notification,
    NotificationPreference,
    School,
    SystemAnnouncement,
    User,
    UserStatus,
)
from core.notifications import IS_QUIET
from core.tenancy import Actor, Role, TenantId


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


def school(tenant: TenantId, school_id: UUID) -> Select[tuple[UUID]]:
    return select(School.id).where(
        School.district_id == tenant.value, School.id == school_id, School.deleted_at.is_(None)
    )


def held_announcement(tenant: TenantId, announcement_id: UUID) -> Select[tuple[SystemAnnouncement]]:
    """One announcement, which nobody else goes on with until we have committed."""
    return (
        select(SystemAnnouncement)
        .where(SystemAnnouncement.district_id == tenant.value, SystemAnnouncement.id == announcement_id)
        .with_for_update()
    )


def next_people(announcement: SystemAnnouncement, limit: int) -> Select[tuple[UUID, UUID | None]]:
    """The next active people of its audience (id, school), in the order of ids, without its author."""
    statement = select(User.id, User.school_id).where(
        User.district_id == announcement.district_id,
        User.id != announcement.author_id,
        User.status == UserStatus.ACTIVE,
        User.deleted_at.is_(None),
    )
    if announcement.school_id is not None:
        statement = statement.where(User.school_id == announcement.school_id)
    if announcement.audience is not Audience.EVERYONE:
        role = Role.STUDENT if announcement.audience is Audience.STUDENTS else Role.TEACHER
        statement = statement.where(User.role == role)
    if announcement.told_up_to is not None:
        statement = statement.where(User.id > announcement.told_up_to)
    return statement.order_by(User.id).limit(limit)


DISTRICT_CLOCK = text("SELECT time_zone FROM app.districts WHERE district_id = :district_id")

# A mail may only go where its owner has shown to read it.
DUE_FOR_A_DIGEST = f"""
SELECT DISTINCT standing.user_id FROM app.notifications AS standing
JOIN app.districts AS district ON district.district_id = standing.district_id
JOIN app.users AS person ON person.district_id = standing.district_id AND person.id = standing.user_id
    AND person.status = 'active' AND person.deleted_at IS NULL
LEFT JOIN app.notification_settings AS settings
    ON settings.district_id = standing.district_id AND settings.user_id = standing.user_id
WHERE standing.district_id = %(district_id)s AND standing.delivery = 'email_digest'
    AND standing.digested_at IS NULL AND standing.read_at IS NULL AND standing.updated_at < %(until)s
    AND (CAST(%(after)s AS uuid) IS NULL OR standing.user_id > %(after)s)
    AND NOT ({IS_QUIET})
    AND (SELECT email_verified_at FROM auth.credentials_of(standing.user_id)) IS NOT NULL
ORDER BY standing.user_id LIMIT %(limit)s
"""

TAKE_FOR_DIGESTS = """
WITH waiting AS (
    SELECT id FROM app.notifications
    WHERE district_id = %(district_id)s AND user_id = ANY(%(users)s) AND delivery = 'email_digest'
        AND digested_at IS NULL AND updated_at < %(until)s
    ORDER BY id FOR UPDATE
)
UPDATE app.notifications AS standing SET digested_at = %(now)s, updated_at = now() FROM waiting
WHERE standing.district_id = %(district_id)s AND standing.id = waiting.id
RETURNING standing.user_id, standing.id, standing.title, standing.occurrences, standing.read_at
"""


def people(tenant: TenantId, ids: Sequence[UUID]) -> Select[tuple[User]]:
    return select(User).where(User.district_id == tenant.value, User.id.in_(ids)).order_by(User.id)


NEXT_STREAMS = """
SELECT user_id FROM app.user_event_counters
WHERE district_id = %(district_id)s AND (CAST(%(after)s AS uuid) IS NULL OR user_id > %(after)s)
ORDER BY user_id LIMIT %(limit)s
"""

# Along the key of each person's stream, from its beginning to the first event that is kept: no index of times.
REMOVE_EVENTS = """
DELETE FROM app.user_events AS old
USING app.user_event_counters AS counter LEFT JOIN LATERAL (
    SELECT seq FROM app.user_events AS young
    WHERE young.district_id = %(district_id)s AND young.user_id = counter.user_id
        AND young.occurred_at >= %(before)s
    ORDER BY seq LIMIT 1
) AS kept ON true
WHERE counter.district_id = %(district_id)s AND counter.user_id = ANY(%(users)s)
    AND old.district_id = %(district_id)s AND old.user_id = counter.user_id
    AND old.seq < coalesce(kept.seq, counter.last_seq + 1) AND old.occurred_at < %(before)s
"""

REMOVE_NOTIFICATIONS = """
DELETE FROM app.notifications
WHERE district_id = %(district_id)s AND user_id = ANY(%(users)s) AND read_at < %(before)s
"""
