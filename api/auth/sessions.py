"""Staying signed in: one row per device, one winner per rotation, one successor for everybody who races."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import queries
from api.auth.errors import (
    GuardianConsentRequiredError,
    InvalidCredentialsError,
    InvalidRefreshTokenError,
)
from api.auth.refresh_tokens import RefreshToken
from api.auth.schemas import Tokens
from api.auth.theft import report_reuse
from core.audit import record_audit
from core.config import Settings
from core.consents import needs_consent
from core.db import Database
from core.ids import new_id
from core.keys import KeyRing
from core.models import User, UserStatus
from core.sessions import hold_person
from core.tenancy import DISTRICT_SCOPE, Actor, TenantContext, TenantId
from core.tokens import issue_access_token


@dataclass(frozen=True)
class SignInDesk:
    """What signing in needs besides the caller's words."""

    database: Database
    keys: KeyRing
    settings: Settings
    now: datetime


async def open_session(
    desk: SignInDesk,
    tenant: TenantId,
    user_id: UUID,
    *,
    device: str,
    client_id: str | None = None,
    session_id: UUID | None = None,
    verified_hash: str | None = None,
) -> Tokens:
    """Open a session for somebody who has proved who they are; `session_id` where it was promised before.

    `verified_hash`: the password hash the proof was checked against; one that was changed meanwhile proves nothing.
    Raises InvalidCredentialsError for an account that is closed, GuardianConsentRequiredError for one that waits.
    """
    token = RefreshToken.first(session_id or new_id(), desk.keys)
    async with desk.database.tenant_transaction(_context(tenant, user_id)) as session:
        await hold_person(session, user_id)
        if verified_hash is not None:
            await require_unchanged(session, user_id, verified_hash)
        actor = await _actor(session, desk, (user_id, token.session_id), client_id)
        await session.execute(
            queries.OPEN_SESSION,
            {
                "session_id": token.session_id,
                "user_id": user_id,
                "token_hash": token.digest,
                "now": desk.now,
                "expires_at": _session_end(desk),
            },
        )
        named = {"session_id": token.session_id, "device": device, "client_id": client_id}
        await session.execute(queries.NAME_DEVICE, named)
        details = {} if client_id is None else {"client_id": client_id}
        await record_audit(
            session, actor, "signed_in", ("session", token.session_id), now=desk.now, details=details
        )
    return _tokens(desk, actor, token)


async def require_unchanged(session: AsyncSession, user_id: UUID, verified_hash: str) -> None:
    """Let nobody change the password until we have committed. `verified_hash`: what the proof was checked against.

    Raises InvalidCredentialsError when it was changed since: hold the person first, so that none is under way.
    """
    if await session.scalar(queries.HOLD_PASSWORD_HASH, {"user_id": user_id}) != verified_hash:
        raise InvalidCredentialsError


async def refresh(desk: SignInDesk, presented: str, *, client_id: str | None = None) -> Tokens:
    """Rotate a refresh token of our own applications, or of one OAuth client.

    Raises InvalidRefreshTokenError; a replayed token ends its session and its owner is told.
    """
    token = RefreshToken.parse(presented, desk.keys)
    following = token.successor(desk.keys)
    rotation = await _rotation(desk, token, following, client_id)
    if rotation.outcome == "reused":
        await report_reuse(desk.database, desk.keys, rotation, token.session_id, now=desk.now)
    if rotation.outcome not in {"rotated", "grace"}:
        raise InvalidRefreshTokenError
    if rotation.outcome == "grace":
        following = token.descendant(rotation.living_hash, desk.keys)
    tenant = TenantId.from_auth_function(rotation.district_id)
    async with desk.database.tenant_transaction(_context(tenant, rotation.user_id)) as session:
        try:
            actor = await _actor(session, desk, (rotation.user_id, token.session_id), client_id)
        except (InvalidCredentialsError, GuardianConsentRequiredError) as error:  # the person has left since
            raise InvalidRefreshTokenError from error
    return _tokens(desk, actor, following)


async def log_out(desk: SignInDesk, presented: str) -> None:
    """End the session of a refresh token, for every program at once; an unknown one is already ended."""
    token = RefreshToken.parse(presented, desk.keys)
    async with desk.database.auth_session() as session:
        closing = {"session_id": token.session_id, "presented": token.digest, "now": desk.now}
        ended = (await session.execute(queries.CLOSE_SESSION, closing)).one_or_none()
    if ended is None or ended.user_id is None:
        return
    tenant = TenantId.from_auth_function(ended.district_id)
    await desk.database.marks.remember_ended(tenant, [token.session_id])
    async with desk.database.tenant_transaction(_context(tenant, ended.user_id)) as session:
        actor = await _actor(session, desk, (ended.user_id, token.session_id), None)
        await record_audit(session, actor, "signed_out", ("session", token.session_id), now=desk.now)


async def _rotation(
    desk: SignInDesk, token: RefreshToken, following: RefreshToken, client_id: str | None
) -> Row[Any]:
    turn = {
        "session_id": token.session_id,
        "presented": token.digest,
        "next_hash": following.digest,
        "client_id": client_id,
        "now": desk.now,
        "expires_at": _session_end(desk),
        "longest": timedelta(days=desk.settings.session_days),
    }
    async with desk.database.auth_session() as session:
        return (await session.execute(queries.ROTATE_SESSION, turn)).one()


async def _actor(
    session: AsyncSession, desk: SignInDesk, ids: tuple[UUID, UUID], client_id: str | None
) -> Actor:
    """Read role, school and age afresh: they may have changed since the last token. `ids`: person and session."""
    context: TenantContext = session.info["context"]
    user_id, session_id = ids
    user: User | None = await session.scalar(queries.present_user(context.tenant, user_id))
    if user is None or user.status is UserStatus.DISABLED:
        raise InvalidCredentialsError
    if user.status is UserStatus.AWAITING_CONSENT:
        raise GuardianConsentRequiredError
    return Actor(
        user.id,
        user.role,
        tenant=context.tenant,
        school_id=user.school_id,
        session_id=session_id,
        needs_consent=needs_consent(desk.keys.columns, user, desk.now),
        client_id=client_id,
    )


def _context(tenant: TenantId, user_id: UUID) -> TenantContext:
    return TenantContext(tenant, DISTRICT_SCOPE, user_id)


def _tokens(desk: SignInDesk, actor: Actor, token: RefreshToken) -> Tokens:
    minutes = desk.settings.access_token_minutes
    return Tokens(
        access_token=issue_access_token(
            actor, desk.keys, issuer=desk.settings.issuer, now=desk.now, minutes=minutes
        ),
        expires_in=minutes * 60,
        refresh_token=str(token),
    )


def _session_end(desk: SignInDesk) -> datetime:
    return desk.now + timedelta(days=min(desk.settings.refresh_token_days, desk.settings.session_days))
