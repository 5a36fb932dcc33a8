"""Tokens that travel in mails: 256 bits, stored as SHA-256, used once, good for one purpose."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from api.mails import queries
from api.mails.errors import InvalidLinkError
from core.db import Database
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId

TOKEN_BYTES = 32


class Purpose(StrEnum):
    VERIFY = "verify"
    RESET = "reset"
    CONSENT = "consent"
    COMPLETE = "complete"


@dataclass(frozen=True)
class TokenOwner:
    """Whose token it is, and in which district."""

    user_id: UUID
    tenant: TenantId

    @property
    def context(self) -> TenantContext:
        return TenantContext(self.tenant, DISTRICT_SCOPE, self.user_id)


def token_digest(token: str) -> bytes:
    """What is stored of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


async def create_token(
    session: AsyncSession, purpose: Purpose, owner: UUID, *, now: datetime, life: timedelta
) -> str:
    """Return a fresh token of a person of the session's district; their older ones of this purpose are void."""
    await void_tokens(session, purpose, owner, now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"token_hash": token_digest(token), "purpose": purpose, "user_id": owner, "expires_at": now + life}
    await session.execute(queries.CREATE_TOKEN, row)
    return token


async def void_tokens(session: AsyncSession, purpose: Purpose, owner: UUID, *, now: datetime) -> None:
    await session.execute(queries.VOID_TOKENS, {"user_id": owner, "purpose": purpose, "now": now})


async def find_token(database: Database, purpose: Purpose, token: str, *, now: datetime) -> TokenOwner:
    """Look without using. Raises InvalidLinkError."""
    async with database.auth_session() as session:
        return _owner((await session.execute(queries.FIND_TOKEN, _lookup(purpose, token, now))).one())


async def use_token(session: AsyncSession, purpose: Purpose, token: str, *, now: datetime) -> TokenOwner:
    """Use it up: of two at once one succeeds. Raises InvalidLinkError for the other."""
    return _owner((await session.execute(queries.USE_TOKEN, _lookup(purpose, token, now))).one())


def _lookup(purpose: Purpose, token: str, now: datetime) -> dict[str, Any]:
    return {"token_hash": token_digest(token), "purpose": purpose, "now": now}


def _owner(found: Row[Any]) -> TokenOwner:
    if found.user_id is None:
        raise InvalidLinkError
    return TokenOwner(found.user_id, TenantId.from_auth_function(found.district_id))
