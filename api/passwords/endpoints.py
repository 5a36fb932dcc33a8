"""Passwords: forgotten, reset and changed."""

from typing import Annotated

from fastapi import APIRouter

from api.auth.cookies import Browser
from api.auth.endpoints import Desk, Guard
from api.deps import allowed, public
from api.envelope import Envelope, ok
from api.passwords import service
from api.passwords.schemas import PasswordChange, PasswordChanged, PasswordReset, PasswordResetDone
from api.rate_limits import Bucket
from api.registration.mailboxes import Mailboxes
from api.registration.requests import Kind
from api.registration.schemas import Accepted, AddressOnly
from api.registration.service import ask_about_address
from core.permissions import Permission
from core.tenancy import Actor

router = APIRouter(prefix="/auth/password", tags=["passwords"])


@router.post("/forgot", status_code=202, dependencies=[public(Bucket.REGISTRATION)])
async def forget_password(body: AddressOnly, desk: Desk, mailboxes: Mailboxes) -> Envelope[Accepted]:
    """Ask for a link that sets a new password. The answer is the same for every address."""
    await mailboxes.count(body.email)
    await ask_about_address(desk, Kind.RESET, body.email)
    return ok(Accepted())


@router.post("/reset", dependencies=[public(Bucket.REGISTRATION)])
async def reset_password(
    body: PasswordReset, desk: Desk, guard: Guard, browser: Browser
) -> Envelope[PasswordResetDone]:
    """Set a new password with the token of a mailed link, once; every session ends."""
    device_token = await service.reset_password(desk, guard, body)
    return ok(PasswordResetDone(device_token=browser.introduced(device_token)))


@router.post("/change")
async def change_password(
    body: PasswordChange,
    actor: Annotated[Actor, allowed(Permission.PASSWORD_CHANGE)],
    desk: Desk,
    guard: Guard,
) -> Envelope[PasswordChanged]:
    """Set a new password as one who knows the old one; every other session ends."""
    await service.change_password(desk, guard, actor, body)
    return ok(PasswordChanged())
