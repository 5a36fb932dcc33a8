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


# The events each of these people has not heard yet, oldest first: one look into the primary key for each.
EVENTS_AFTER = """
SELECT e.user_id, e.seq, e.name, e.payload, e.occurred_at
FROM unnest(CAST(%(users)s AS uuid[]), CAST(%(after)s AS bigint[])) AS person (user_id, after_seq)
CROSS JOIN LATERAL (
    SELECT t.user_id, t.seq, t.name, t.payload, t.occurred_at FROM app.user_events t
    WHERE t.district_id = %(district_id)s AND t.user_id = person.user_id AND t.seq > person.after_seq
    ORDER BY t.seq LIMIT %(limit)s
) e
ORDER BY e.user_id, e.seq
"""

# Teacher and students of each class the person teaches or has a place in, of those who were named.
SHARING_A_CLASS = """
WITH mine AS (
    SELECT k.id, k.teacher_id FROM app.classes k
    WHERE k.district_id = %(district_id)s AND k.teacher_id = %(user_id)s AND k.deleted_at IS NULL
    UNION ALL
    SELECT k.id, k.teacher_id FROM app.class_enrollments e
    JOIN app.classes k ON k.district_id = e.district_id AND k.id = e.class_id AND k.deleted_at IS NULL
    WHERE e.district_id = %(district_id)s AND e.student_id = %(user_id)s AND e.status = 'approved'
      AND e.deleted_at IS NULL
)
SELECT teacher_id AS user_id FROM mine WHERE teacher_id = ANY(%(users)s)
UNION
SELECT e.student_id FROM mine JOIN app.class_enrollments e ON e.district_id = %(district_id)s
  AND e.class_id = mine.id AND e.status = 'approved' AND e.deleted_at IS NULL
WHERE e.student_id = ANY(%(users)s)
"""

ENROLLED = """
SELECT count(*) FROM app.class_enrollments
WHERE district_id = %(district_id)s AND class_id = %(class_id)s AND status = 'approved' AND deleted_at IS NULL
"""

# The newest attempts of a class, by the index on its attempts: their ids begin with the time they were started at.
ATTEMPTS_UNDER_WAY = """
SELECT s.assignment_id, s.student_id, s.status = 'in_progress' AS is_open,
    coalesce(s.last_active_at, s.started_at) AS active_at, a.answered, a.correct, a.waiting, a.newest
FROM app.student_submissions s
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE t.counts) AS answered, count(*) FILTER (WHERE t.counts AND t.is_correct) AS correct,
        count(*) FILTER (WHERE t.counts AND t.status <> 'graded') AS waiting,
        (array_agg(t.is_correct ORDER BY t.answered_at DESC, t.id DESC))[1:3] AS newest
    FROM app.student_answers t
    WHERE t.district_id = s.district_id AND t.submission_id = s.id
) a
WHERE s.district_id = %(district_id)s AND s.class_id = %(class_id)s AND s.id >= %(since)s AND s.deleted_at IS NULL
ORDER BY s.id DESC LIMIT 2000
"""
