"""Signing in and staying signed in: one session row per device, one winner per rotation."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from api.auth import queries
from api.auth.errors import InvalidCredentialsError, InvalidRefreshTokenError
from api.auth.schemas import Login, Tokens
from core.config import Settings
from core.db import Database
from core.ids import new_id
from core.keys import KeyRing
from core.models import User
from core.passwords import verify_password
from core.tenancy import DISTRICT_SCOPE, Actor, TenantContext, TenantId
from core.tokens import issue_access_token

SECRET_BYTES = 32


@dataclass(frozen=True)
class SignInDesk:
    """What signing in needs besides the caller's words."""

    database: Database
    keys: KeyRing
    settings: Settings
    now: datetime


@dataclass(frozen=True)
class RefreshToken:
    """`<session id>.<secret>`; only the SHA-256 of the secret is stored."""

    session_id: UUID
    secret: str

    @classmethod
    def fresh(cls, session_id: UUID) -> "RefreshToken":
        return cls(session_id, secrets.token_urlsafe(SECRET_BYTES))

    @classmethod
    def parse(cls, presented: str) -> "RefreshToken":
        session_id, _, secret = presented.partition(".")
        try:
            return cls(UUID(session_id), secret)
        except ValueError as error:
            raise InvalidRefreshTokenError from error

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.secret.encode()).digest()

    def __str__(self) -> str:
        return f"{self.session_id.hex}.{self.secret}"


async def log_in(desk: SignInDesk, login: Login) -> Tokens:
    """Check the password and open a session. Raises InvalidCredentialsError, equally slow for every reason."""
    async with desk.database.auth_session() as session:
        lookup = {"email_index": desk.keys.email_index(login.email)}
        identity = (await session.execute(queries.FIND_IDENTITY, lookup)).one()
    if not await verify_password(login.password, identity.password_hash):
        raise InvalidCredentialsError
    return await _open_session(desk, identity)


async def refresh(desk: SignInDesk, presented: str) -> Tokens:
    """Rotate a refresh token. Raises InvalidRefreshTokenError; a replayed token ends its session."""
    token = RefreshToken.parse(presented)
    following = RefreshToken.fresh(token.session_id)
    async with desk.database.auth_session() as session:
        rotation = (
            await session.execute(
                queries.ROTATE_SESSION,
                {
                    "session_id": token.session_id,
                    "presented": token.digest,
                    "next_hash": following.digest,
                    "now": desk.now,
                    "expires_at": _session_end(desk),
                },
            )
        ).one()
    if rotation.outcome not in {"rotated", "grace"}:
        raise InvalidRefreshTokenError
    try:
        actor = await _actor(desk, rotation, token.session_id)
    except InvalidCredentialsError as error:  # the person has left since
        raise InvalidRefreshTokenError from error
    return _tokens(desk, actor, following if rotation.outcome == "rotated" else None)


async def log_out(desk: SignInDesk, presented: str) -> None:
    """End the session of a refresh token; an unknown one is already ended."""
    token = RefreshToken.parse(presented)
    async with desk.database.auth_session() as session:
        await session.execute(
            queries.CLOSE_SESSION,
            {"session_id": token.session_id, "presented": token.digest, "now": desk.now},
        )


async def _open_session(desk: SignInDesk, identity: Row[Any]) -> Tokens:
    token = RefreshToken.fresh(new_id())
    actor = await _actor(desk, identity, token.session_id)
    async with desk.database.tenant_transaction(actor.context) as session:
        await session.execute(
            queries.OPEN_SESSION,
            {
                "session_id": token.session_id,
                "user_id": actor.user_id,
                "token_hash": token.digest,
                "now": desk.now,
                "expires_at": _session_end(desk),
            },
        )
    return _tokens(desk, actor, token)


async def _actor(desk: SignInDesk, identity: Row[Any], session_id: UUID) -> Actor:
    """Read role and school afresh: they may have changed since the last token."""
    tenant = TenantId.from_auth_function(identity.district_id)
    context = TenantContext(tenant, DISTRICT_SCOPE, identity.user_id)
    async with desk.database.tenant_transaction(context) as session:
        user: User | None = await session.scalar(queries.active_user(tenant, identity.user_id))
    if user is None:
        raise InvalidCredentialsError
    return Actor(user.id, user.role, tenant=tenant, school_id=user.school_id, session_id=session_id)


def _tokens(desk: SignInDesk, actor: Actor, token: RefreshToken | None) -> Tokens:
    minutes = desk.settings.access_token_minutes
    return Tokens(
        access_token=issue_access_token(
            actor, desk.keys, issuer=desk.settings.issuer, now=desk.now, minutes=minutes
        ),
        expires_in=minutes * 60,
        refresh_token=None if token is None else str(token),
    )


def _session_end(desk: SignInDesk) -> datetime:
    return desk.now + timedelta(days=desk.settings.refresh_token_days)
