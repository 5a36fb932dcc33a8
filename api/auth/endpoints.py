"""Signing in, staying signed in, and the list of one's own sessions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from api.addresses import client_address
from api.auth import own_sessions, sessions, signing_in
from api.auth.cookies import Browser
from api.auth.guessing import GuessGuard
from api.auth.schemas import (
    LoggedOut,
    Login,
    Refresh,
    SessionEnded,
    SessionOut,
    Tokens,
)
from api.auth.sessions import SignInDesk
from api.auth.signing_in import Caller
from api.deps import AppSettings, Db, Keys, Now, Pools, allowed, public
from api.envelope import Envelope, Page, ok
from api.paging import Paging
from api.rate_limits import Bucket
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/auth", tags=["auth"])


async def get_desk(pools: Pools, keys: Keys, settings: AppSettings, now: Now) -> SignInDesk:
    return SignInDesk(pools, keys, settings, now)


async def get_guard(request: Request) -> GuessGuard:
    guard: GuessGuard = request.app.state.guesses
    return guard


async def get_caller(request: Request, settings: AppSettings, browser: Browser) -> Caller:
    return Caller(
        client_address(request, settings.trusted_proxies),
        request.headers.get("User-Agent"),
        browser.device_token,
    )


Desk = Annotated[SignInDesk, Depends(get_desk)]
Guard = Annotated[GuessGuard, Depends(get_guard)]
KnownCaller = Annotated[Caller, Depends(get_caller)]
SessionOwner = Annotated[Actor, allowed(Permission.SESSION_MANAGE)]


@router.post("/login", dependencies=[public(Bucket.SIGN_IN)])
async def log_in(
    body: Login, desk: Desk, browser: Browser, caller: KnownCaller, guard: Guard
) -> Envelope[Tokens]:
    """Exchange address and password for an access token (minutes) and a refresh token (days).

    With `X-Client: browser` the refresh token arrives in an HttpOnly cookie instead of the body.
    """
    browser.require_own_page()
    return ok(browser.handed_over(await signing_in.log_in(desk, guard, body, caller)))


@router.post("/refresh", dependencies=[public()])
async def refresh(desk: Desk, browser: Browser, body: Refresh | None = None) -> Envelope[Tokens]:
    """Exchange the refresh token for a new pair; replaying an old one ends the session.

    The token before the current one is good for ten seconds more and earns the same successor, so that tabs may
    race and a lost answer may be asked for again.
    """
    return ok(browser.handed_over(await sessions.refresh(desk, browser.presented(body))))


@router.post("/logout", dependencies=[public()])
async def log_out(desk: Desk, browser: Browser, body: Refresh | None = None) -> Envelope[LoggedOut]:
    """End the session of this refresh token."""
    await sessions.log_out(desk, browser.presented(body))
    browser.forget()
    return ok(LoggedOut())


@router.post("/logout-all")
async def log_out_everywhere(actor: SessionOwner, db: Db, browser: Browser, now: Now) -> Envelope[LoggedOut]:
    """End all your sessions, this one included; their sockets are hung up."""
    await own_sessions.end_all(db, actor, now=now)
    browser.forget()
    return ok(LoggedOut())


@router.get("/sessions")
async def list_sessions(actor: SessionOwner, db: Db, page: Paging, now: Now) -> Envelope[Page[SessionOut]]:
    """List your living sessions, one per device that is signed in, oldest first."""
    items, cursor = await own_sessions.list_sessions(db, actor, page, now=now)
    return ok(Page(items=items, next_cursor=cursor))


@router.delete("/sessions/{session_id}")
async def end_session(session_id: UUID, actor: SessionOwner, db: Db, now: Now) -> Envelope[SessionEnded]:
    """End one of your sessions: its tokens are refused and its sockets hung up at once."""
    await own_sessions.end_one(db, actor, session_id, now=now)
    return ok(SessionEnded(id=session_id))
