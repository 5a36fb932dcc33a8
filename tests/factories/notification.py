from datetime import UTC, datetime

from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import Notification, User, UserEvent, UserEventCounter
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
