"""Notifications: a row to read later and an event to see now, in the transaction of their cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.badges import tell_badges
from core.db import run
from core.ids import new_id
from core.tenancy import TenantContext
from core.user_events import Telling, UserEventDraft, record_user_events


class NotificationKind(StrEnum):
    """What people are told of; each decides for each kind how (`KINDS` says what they may decide)."""

    ASSIGNMENT_POSTED = "assignment_posted"
    GRADE_PUBLISHED = "grade_published"
    GRADE_CHANGED = "grade_changed"
    ANSWER_GRADED = "answer_graded"
    SUBMISSION_CLOSED = "submission_closed"
    SUBMISSION_REOPENED = "submission_reopened"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_WITHDRAWN = "extension_withdrawn"
    MESSAGE_RECEIVED = "message_received"
    ANNOUNCEMENT = "announcement"
    ENROLLMENT_REQUESTED = "enrollment_requested"
    ENROLLMENT_DECIDED = "enrollment_decided"
    SYSTEM_ANNOUNCEMENT = "system_announcement"
    JOB_DONE = "job_done"
    SESSION_REUSED = "session_reused"


@dataclass(frozen=True, slots=True)
class KindTraits:
    """What a kind is about, for the page of preferences, and whether people may do without it."""

    sentence: str
    may_be_turned_off: bool = True


KINDS: Mapping[NotificationKind, KindTraits] = {
    NotificationKind.ASSIGNMENT_POSTED: KindTraits("An assignment was posted in one of your classes"),
    NotificationKind.GRADE_PUBLISHED: KindTraits("Your grade for an assignment can be seen"),
    NotificationKind.GRADE_CHANGED: KindTraits("An assignment was graded anew"),
    NotificationKind.ANSWER_GRADED: KindTraits("An answer you wrote was graded"),
    NotificationKind.SUBMISSION_CLOSED: KindTraits("Your time was up and your work was handed in"),
    NotificationKind.SUBMISSION_REOPENED: KindTraits("Work you handed in was opened again"),
    NotificationKind.EXTENSION_GRANTED: KindTraits("You were given more time or more attempts"),
    NotificationKind.EXTENSION_WITHDRAWN: KindTraits("More time or attempts you were given were taken back"),
    NotificationKind.MESSAGE_RECEIVED: KindTraits("Somebody wrote to you or to your class"),
    NotificationKind.ANNOUNCEMENT: KindTraits("A teacher announced something to your class"),
    NotificationKind.ENROLLMENT_REQUESTED: KindTraits("A student asks for a place in your class"),
    NotificationKind.ENROLLMENT_DECIDED: KindTraits("It was decided whether you have a place in a class"),
    NotificationKind.SYSTEM_ANNOUNCEMENT: KindTraits("Your school or district announced something"),
    NotificationKind.JOB_DONE: KindTraits("Something you asked for is ready"),
    NotificationKind.SESSION_REUSED: KindTraits(
        "Somebody else may have used your sign-in", may_be_turned_off=False
    ),
}


@dataclass(frozen=True)
class Notice:
    """What people are told: a kind, a sentence, the noun and id it is about, and of announcements the text."""

    kind: NotificationKind
    title: str
    related: tuple[str, UUID]
    body: str | None = None


IS_QUIET = """
CASE WHEN settings.quiet_from IS NULL THEN false
     WHEN settings.quiet_from < settings.quiet_until THEN {local} >= settings.quiet_from
         AND {local} < settings.quiet_until
     ELSE {local} >= settings.quiet_from OR {local} < settings.quiet_until END
""".format(
    local="(CAST(%(now)s AS timestamptz) AT TIME ZONE coalesce(settings.time_zone, district.time_zone))::time"
)
"""Whether `now` is in somebody's quiet hours, by the clock on their wall; may span midnight."""

# Everybody's wishes, the rows and who is told in one statement. What comes about a conversation whose notification
# is still unread counts in that row; a digest that named it before names it again.
_WRITE = f"""
WITH told AS (
    SELECT person.user_id, person.id, {IS_QUIET} AS is_silent,
        CASE WHEN preference.delivery = 'off' AND NOT %(may_be_off)s THEN 'in_app'
             ELSE coalesce(preference.delivery, 'in_app') END AS delivery
    FROM unnest(CAST(%(users)s AS uuid[]), CAST(%(ids)s AS uuid[])) AS person (user_id, id)
    LEFT JOIN app.notification_preferences AS preference
        ON preference.district_id = %(district_id)s AND preference.user_id = person.user_id
        AND preference.kind = %(kind)s
    LEFT JOIN app.notification_settings AS settings
        ON settings.district_id = %(district_id)s AND settings.user_id = person.user_id
    LEFT JOIN app.districts AS district ON district.district_id = %(district_id)s
), written AS (
    INSERT INTO app.notifications AS standing
        (district_id, school_id, id, user_id, kind, title, body, related_type, related_id, delivery)
    SELECT %(district_id)s, %(school_id)s, id, user_id, %(kind)s, %(title)s, %(body)s, %(related_type)s,
        %(related_id)s, delivery
    FROM told WHERE delivery <> 'off' ORDER BY user_id
    ON CONFLICT (district_id, user_id, related_id) WHERE related_type = 'conversation' AND read_at IS NULL
    DO UPDATE SET occurrences = standing.occurrences + 1, title = excluded.title, kind = excluded.kind,
        delivery = excluded.delivery, digested_at = NULL, updated_at = now()
    RETURNING id, user_id, delivery, occurrences
)
SELECT written.id, written.user_id, written.occurrences, told.is_silent
FROM written JOIN told USING (user_id) WHERE written.delivery = 'in_app'
"""


async def notify(
    session: AsyncSession,
    recipients: Sequence[UUID],
    notice: Notice,
    *,
    school_id: UUID | None,
    now: datetime,
) -> None:
    """Tell each recipient (all of one school) with two statements, however many they are; call it last, and once."""
    telling = await write_notifications(session, recipients, notice, school_id=school_id, now=now)
    if telling is not None:
        await record_user_events(session, [telling])


async def write_notifications(
    session: AsyncSession,
    recipients: Sequence[UUID],
    notice: Notice,
    *,
    school_id: UUID | None,
    now: datetime,
) -> Telling | None:
    """Write the notification of each recipient who wants it; return what `record_user_events` is to tell whom.

    None when nobody is to hear it at once. For a transaction that tells more than this; one statement.
    """
    if not recipients:
        return None
    context: TenantContext = session.info["context"]
    values = {**_columns(notice), "district_id": context.tenant.value, "school_id": school_id, "now": now}
    users = sorted(set(recipients))
    rows = (await run(session, _WRITE, {**values, "users": users, "ids": [new_id() for _ in users]})).all()
    tell_badges(session, users)
    if not rows:
        return None
    own = {
        row.user_id: {"id": str(row.id), "occurrences": row.occurrences, "is_silent": row.is_silent}
        for row in rows
    }
    return list(own), UserEventDraft("notification:new", _payload(notice), now, school_id, own)


def _columns(notice: Notice) -> dict[str, Any]:
    related_type, related_id = notice.related
    return {
        "kind": notice.kind.value,
        "title": notice.title,
        "body": notice.body,
        "related_type": related_type,
        "related_id": related_id,
        "may_be_off": KINDS[notice.kind].may_be_turned_off,
    }


def _payload(notice: Notice) -> dict[str, Any]:
    related_type, related_id = notice.related
    return {
        "kind": notice.kind.value,
        "title": notice.title,
        "related_type": related_type,
        "related_id": str(related_id),
    }
