"""What endpoints ask for: who, whether they may, the transaction, the time."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from api.addresses import client_address
from api.rate_limits import Bucket, count_request
from core.config import Settings
from core.consents import require_consent
from core.db import Database
from core.errors import ForbiddenError
from core.key_file import KeyFile
from core.keys import KeyRing
from core.models import ConsentScope
from core.permissions import Permission, may
from core.sessions import SessionGate
from core.tenancy import Actor
from core.tokens import InvalidTokenError, verify_access_token

_bearer = HTTPBearer(auto_error=False, description="Access token from /auth/login")


# Asynchronous although they await nothing: FastAPI sends plain functions to a thread, which costs more than they do.


async def get_database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def get_settings_of_app(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def get_now(request: Request) -> datetime:
    """The server's time, UTC; tests put their own clock on the app."""
    now: datetime = request.app.state.clock()
    return now


Pools = Annotated[Database, Depends(get_database)]
AppSettings = Annotated[Settings, Depends(get_settings_of_app)]
Now = Annotated[datetime, Depends(get_now)]


async def get_keys(request: Request, now: Now) -> KeyRing:
    """The keys as they are used now: the file may change while we run."""
    keys: KeyFile = request.app.state.keys
    return keys.ring(now)


Keys = Annotated[KeyRing, Depends(get_keys)]


async def get_signed_in(
    request: Request,
    keys: Keys,
    settings: AppSettings,
    now: Now,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
) -> Actor:
    """Verify the bearer token and that its session lives.

    The tenant of everything that follows comes from the token and nothing else.
    """
    if credentials is None:
        raise InvalidTokenError
    actor = verify_access_token(credentials.credentials, keys, issuer=settings.issuer, now=now)
    gate: SessionGate = request.app.state.gate
    await gate.require_alive(actor, now)
    request.state.actor = actor
    structlog.contextvars.bind_contextvars(user_id=str(actor.user_id), district_id=str(actor.tenant))
    return actor


SignedIn = Annotated[Actor, Depends(get_signed_in)]


class Allowed:
    """The door of a signed-in route: counts the request, then asks the permission table."""

    def __init__(self, permission: Permission, bucket: Bucket) -> None:
        self.permission = permission
        self.bucket = bucket

    async def __call__(self, request: Request, actor: SignedIn) -> Actor:
        await count_request(request, self.bucket, f"{actor.district_id}:{actor.user_id}")
        if not may(actor.role, self.permission):
            raise ForbiddenError
        return actor


class Public:
    """The door of a public route: counts the request by network address."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket

    async def __call__(self, request: Request) -> None:
        settings: Settings = request.app.state.settings
        await count_request(request, self.bucket, client_address(request, settings.trusted_proxies))


def allowed(permission: Permission, bucket: Bucket = Bucket.DEFAULT) -> Any:
    """Declare the permission of a route: `actor: Annotated[Actor, allowed(Permission.CLASS_READ)]`."""
    return Depends(Allowed(permission, bucket))


def public(bucket: Bucket = Bucket.PUBLIC) -> Any:
    """Declare a route public: `dependencies=[public()]`, or `public(Bucket.SIGN_IN)`."""
    return Depends(Public(bucket))


async def get_db(pools: Pools, actor: SignedIn) -> AsyncIterator[AsyncSession]:
    async with pools.tenant_transaction(actor.context) as session:
        yield session


async def get_read_db(pools: Pools, actor: SignedIn) -> AsyncIterator[AsyncSession]:
    async with pools.read_transaction(actor.context) as session:
        yield session


# Scope "function": the transaction commits before the answer leaves, so what is acknowledged is stored.
Db = Annotated[AsyncSession, Depends(get_db, scope="function")]
ReadDb = Annotated[AsyncSession, Depends(get_read_db, scope="function")]


class Consented:
    """The second door of a route that records what a child does: asks only about children under 13."""

    def __init__(self, scope: ConsentScope) -> None:
        self.scope = scope

    async def __call__(self, actor: SignedIn, db: Db) -> None:
        if actor.needs_consent:
            await require_consent(db, actor.tenant, actor.user_id, self.scope)


def consented(scope: ConsentScope) -> Any:
    """Declare what a guardian must have granted: `dependencies=[consented(ConsentScope.COLLECTION)]`."""
    return Depends(Consented(scope), scope="function")
