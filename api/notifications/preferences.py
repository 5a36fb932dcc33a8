"""How and when each person wants to be told of what."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.notifications import queries
from api.notifications.schemas import KindPreference, Preferences, PreferencesOut, QuietHours
from core.models import NotificationDelivery
from core.notifications import KINDS
from core.tenancy import Actor


async def read_preferences(session: AsyncSession, actor: Actor) -> PreferencesOut:
    """Return every kind there is with what the actor decided, and the actor's quiet hours."""
    chosen = {each.kind: each.delivery for each in await session.scalars(queries.own_preferences(actor))}
    settings = (await session.execute(queries.OWN_SETTINGS, _person(actor))).one()
    quiet = None
    if settings.quiet_from is not None:
        quiet = QuietHours(
            starts=settings.quiet_from, until=settings.quiet_until, time_zone=settings.time_zone
        )
    kinds = [
        KindPreference(
            kind=kind,
            about=traits.sentence,
            delivery=chosen.get(kind.value, NotificationDelivery.IN_APP),
            may_be_turned_off=traits.may_be_turned_off,
        )
        for kind, traits in KINDS.items()
    ]
    return PreferencesOut(kinds=kinds, quiet_hours=quiet, time_zone=settings.time_zone)


async def keep_preferences(session: AsyncSession, actor: Actor, wished: Preferences) -> PreferencesOut:
    """Replace what the actor decided before, as a whole: of two tabs that save at once one wins."""
    quiet = wished.quiet_hours
    person = {**_person(actor), "school_id": actor.school_id}
    hours = {
        "quiet_from": quiet and quiet.starts,
        "quiet_until": quiet and quiet.until,
        "time_zone": quiet and quiet.time_zone,
    }
    await session.execute(queries.KEEP_SETTINGS, {**person, **hours})
    await session.execute(queries.FORGET_PREFERENCES, _person(actor))
    if wished.kinds:
        columns = {"kinds": list(wished.kinds), "deliveries": list(wished.kinds.values())}
        await session.execute(queries.KEEP_PREFERENCES, {**person, **columns})
    return await read_preferences(session, actor)


def _person(actor: Actor) -> dict[str, Any]:
    return {"district_id": actor.district_id, "user_id": actor.user_id}
