"""One's own profile."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.users import queries
from api.users.schemas import Profile, ProfileUpdate
from core.audit import record_audit
from core.errors import NotFoundError
from core.models import User
from core.tenancy import Actor


async def read_profile(session: AsyncSession, actor: Actor) -> Profile:
    """Return who the actor is. Raises NotFoundError when the account is gone."""
    return await _present(session, actor, await _own_record(session, actor))


async def update_profile(
    session: AsyncSession, actor: Actor, body: ProfileUpdate, *, now: datetime
) -> Profile:
    """Change the actor's name; the trail notes that it changed, neither from what nor to what."""
    user = await _own_record(session, actor)
    if body.name is not None and body.name != user.name:
        user.name = body.name
        await session.flush()
        await record_audit(
            session,
            actor,
            "profile_changed",
            ("user", user.id),
            now=now,
            subject_id=user.id,
            details={"fields": ["name"]},
        )
    return await _present(session, actor, user)


async def _own_record(session: AsyncSession, actor: Actor) -> User:
    user: User | None = await session.scalar(queries.own_record(actor))
    if user is None:
        raise NotFoundError
    return user


async def _present(session: AsyncSession, actor: Actor, user: User) -> Profile:
    is_verified = await session.scalar(queries.EMAIL_VERIFIED, {"user_id": user.id})
    school_name = await session.scalar(queries.school_name(actor)) if user.school_id else None
    return Profile(
        id=user.id,
        district_id=user.district_id,
        school_id=user.school_id,
        school_name=school_name,
        role=user.role,
        name=user.name,
        email=user.email,
        email_verified=bool(is_verified),
        grade_level=user.grade_level,
    )
