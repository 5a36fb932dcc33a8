from sqlalchemy import Select, select

from core.models import Notification
from core.tenancy import Actor


def own_notifications(actor: Actor) -> Select[tuple[Notification]]:
    return select(Notification).where(
        Notification.district_id == actor.district_id, Notification.user_id == actor.user_id
    )
