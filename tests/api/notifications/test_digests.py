"""Digests: one mail in the morning, once, to those who may be written to and are not left alone."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.notifications.digests import last_morning, send_digests
from core.consents import seal_birth_date
from core.jobs import job_context
from core.models import ConsentDecision, Notification, NotificationDelivery, NotificationSetting, User
from tests.factories.consent import make_consent
from tests.factories.notification import make_notification
from tests.factories.user import actor_of
from tests.factories.world import SchoolBench
from tests.fixtures.mail import Post, text_of

_VERIFY = text("UPDATE auth.identities SET email_verified_at = now() WHERE user_id = :id")


def verified(rows: Session, user: User) -> User:
    rows.execute(_VERIFY, {"id": user.id})
    return user


def waiting(rows: Session, user: User, title: str = "Graded: Cells") -> Notification:
    """Something from two days ago that is to go into a digest."""
    notification = make_notification(rows, user)
    notification.delivery, notification.title = NotificationDelivery.EMAIL_DIGEST, title
    notification.updated_at = datetime.now(UTC) - timedelta(days=2)
    rows.flush()
    return notification


async def morning(post: Post, user: User) -> int:
    post.workplace.use()
    work = post.workplace
    sent = await send_digests(work.database, job_context(str(user.district_id)), work.clock())
    await post.deliver()
    return sent


async def test_what_waits_is_one_mail_and_leaves_once(post: Post, school: SchoolBench, rows: Session) -> None:
    teacher = verified(rows, school.teacher)
    notifications = [waiting(rows, teacher, title) for title in ("Graded: Cells", "Two\n\nlines")]
    assert await morning(post, teacher) == 1
    assert await morning(post, teacher) == 0
    (message,) = post.to(teacher.email)
    assert message["Subject"] == "2 things are new for you on Homeroom"
    assert "- Graded: Cells\n- Two lines\n" in text_of(message)
    assert "https://homeroom.example/notifications/preferences" in text_of(message)
    for notification in notifications:
        rows.refresh(notification)
        assert notification.digested_at == post.workplace.clock()


async def test_two_workers_at_once_send_one_mail(post: Post, school: SchoolBench, rows: Session) -> None:
    teacher = verified(rows, school.teacher)
    waiting(rows, teacher)
    post.workplace.use()
    work = post.workplace
    context = job_context(str(teacher.district_id))
    sent = await asyncio.gather(*(send_digests(work.database, context, work.clock()) for _ in range(4)))
    await post.deliver()
    assert sum(sent) == len(post.to(teacher.email)) == 1


async def test_what_is_read_or_new_or_for_the_application_is_not_mailed(
    post: Post, school: SchoolBench, rows: Session
) -> None:
    teacher = verified(rows, school.teacher)
    waiting(rows, teacher).read_at = datetime.now(UTC)
    waiting(rows, teacher).delivery = NotificationDelivery.IN_APP
    waiting(rows, teacher).updated_at = datetime.now(UTC) + timedelta(minutes=1)
    rows.flush()
    assert await morning(post, teacher) == 0


async def test_an_address_nobody_has_shown_to_own_gets_nothing(
    post: Post, school: SchoolBench, rows: Session
) -> None:
    notification = waiting(rows, school.teacher)
    assert await morning(post, school.teacher) == 0
    rows.refresh(notification)
    assert notification.digested_at is None


async def test_in_quiet_hours_a_digest_waits(post: Post, school: SchoolBench, rows: Session) -> None:
    teacher, now = verified(rows, school.teacher), post.workplace.clock()
    waiting(rows, teacher)
    around = [(now + timedelta(hours=hours)).time().replace(microsecond=0) for hours in (-1, 1, 2)]
    quiet = NotificationSetting(
        district_id=teacher.district_id,
        school_id=teacher.school_id,
        user_id=teacher.id,
        quiet_from=around[0],
        quiet_until=around[1],
        time_zone="UTC",
    )
    rows.add(quiet)
    rows.flush()
    assert await morning(post, teacher) == 0
    quiet.quiet_from, quiet.quiet_until = around[1:]
    rows.flush()
    assert await morning(post, teacher) == 1


@pytest.mark.parametrize("decision", [None, ConsentDecision.GRANTED, ConsentDecision.REVOKED])
async def test_a_child_is_written_to_with_consent_only(
    post: Post, school: SchoolBench, rows: Session, decision: ConsentDecision | None
) -> None:
    child = verified(rows, school.classmate)
    columns = post.workplace.ring.columns
    tenth = post.workplace.clock().date() - timedelta(days=10 * 365)
    child.birth_date_encrypted = seal_birth_date(columns, tenth, actor_of(child).tenant)
    waiting(rows, child)
    if decision is not None:
        make_consent(rows, child, decision=decision)
    assert await morning(post, child) == (1 if decision is ConsentDecision.GRANTED else 0)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-08T10:59:00+00:00", "2026-03-07T12:00:00+00:00"),  # 06:59, clocks went forward at two
        ("2026-03-08T11:00:00+00:00", "2026-03-08T11:00:00+00:00"),
        ("2026-11-01T11:59:00+00:00", "2026-10-31T11:00:00+00:00"),  # 06:59, clocks went back at two
        ("2026-11-01T12:00:00+00:00", "2026-11-01T12:00:00+00:00"),
    ],
)
def test_the_morning_is_at_seven_by_the_clock_on_the_wall(now: str, expected: str) -> None:
    assert last_morning(datetime.fromisoformat(now), "America/New_York").isoformat() == expected
