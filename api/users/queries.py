from sqlalchemy import Select, select

from core.models import User
from core.tenancy import Actor


def own_profile(actor: Actor) -> Select[tuple[User]]:
    return select(User).where(
        User.district_id == actor.district_id, User.id == actor.user_id, User.deleted_at.is_(None)
    )
