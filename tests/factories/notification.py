from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import (
    Audience,
    Notification,
    NotificationDelivery,
    NotificationPreference,
    NotificationSetting,
    SystemAnnouncement,
    User,
    UserEvent,
    UserEventCounter,
)
from tests.factories.saving import canary, saved


def make_notification(session: Session, user: User) -> Notification:
    notification = Notification(
        district_id=user.district_id,
        school_id=user.school_id,
        id=new_id(),
        user_id=user.id,
        kind="enrollment",
        title=f"News {canary(user.district_id, user.school_id)}",
    )
    return saved(session, notification)


def make_user_event(session: Session, user: User) -> UserEvent:
    """The first event of a user's stream, and the counter that says so."""
    counter = UserEventCounter(
        district_id=user.district_id, school_id=user.school_id, user_id=user.id, last_seq=1
    )
    saved(session, counter)
    user_event = UserEvent(
        district_id=user.district_id,
        school_id=user.school_id,
        user_id=user.id,
        seq=1,
        name="notification:new",
        payload={"title": f"News {canary(user.district_id, user.school_id)}"},
        occurred_at=datetime.now(UTC),
    )
    return saved(session, user_event)


def make_system_announcement(session: Session, author: User) -> SystemAnnouncement:
    announcement = SystemAnnouncement(
        district_id=author.district_id,
        school_id=author.school_id,
        id=new_id(),
        author_id=author.id,
        audience=Audience.EVERYONE,
        title=f"Closed {canary(author.district_id, author.school_id)}",
        body=f"Snow {canary(author.district_id, author.school_id)}",
        job_id=new_id(),
    )
    return saved(session, announcement)


def make_wishes(session: Session, user: User) -> None:
    """A preference and settings that say what holds for everybody without them."""
    owner = {"district_id": user.district_id, "school_id": user.school_id, "user_id": user.id}
    saved(session, NotificationPreference(**owner, kind="job_done", delivery=NotificationDelivery.IN_APP))
    saved(session, NotificationSetting(**owner))
