"""A sign-in that is under way: sealed into a cookie of the browser that began it, so no other can finish it."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from secrets import compare_digest
from uuid import UUID

from fastapi import Response

from api.oidc.errors import SignInRefusedError
from core.encryption import Place, UndecipherableError
from core.keys import KeyRing

COOKIE = "homeroom_oidc"
COOKIE_PATH = "/api/v1/auth/oidc"
LIFE = timedelta(minutes=10)
_PLACE = Place("cookie", COOKIE, UUID(int=0))
"""No district is known yet; the value is bound to the cookie's name alone."""


@dataclass(frozen=True)
class ClassPlace:
    """What a student brings to the first sign-in."""

    class_code: str
    birth_date: date
    grade_level: int


@dataclass(frozen=True)
class PendingSignIn:
    """Everything the callback must agree with."""

    provider: str
    state: str
    nonce: str
    code_verifier: str
    return_to: str
    invitation_token: str | None = None
    place: ClassPlace | None = None

    def require_state(self, provider: str, state: str) -> None:
        """Raises SignInRefusedError when the callback belongs to another sign-in."""
        if self.provider != provider or not compare_digest(self.state.encode(), state.encode()):
            raise SignInRefusedError


def seal(response: Response, pending: PendingSignIn, keys: KeyRing, *, now: datetime) -> None:
    """Put the sign-in into the browser's cookie. Lax: the provider's redirect comes from a foreign site."""
    content = {**asdict(pending), "until": int((now + LIFE).timestamp())}
    sealed = keys.columns.encrypt(json.dumps(content, default=str), _PLACE)
    response.set_cookie(
        COOKIE,
        base64.urlsafe_b64encode(sealed).decode(),
        max_age=int(LIFE.total_seconds()),
        path=COOKIE_PATH,
        secure=True,
        httponly=True,
        samesite="lax",
    )


def unseal(cookie: str | None, keys: KeyRing, *, now: datetime) -> PendingSignIn:
    """Read the cookie of a sign-in that is under way. Raises SignInRefusedError."""
    try:
        sealed = base64.urlsafe_b64decode((cookie or "").encode())
        content = json.loads(keys.columns.decrypt(sealed, _PLACE))
    except (UndecipherableError, binascii.Error, ValueError) as error:
        raise SignInRefusedError from error
    if content.pop("until") <= now.timestamp():
        raise SignInRefusedError
    place = content.pop("place")
    return PendingSignIn(**content, place=None if place is None else _place(place))


def forget(response: Response) -> None:
    """A sign-in is finished once, however it ended."""
    response.delete_cookie(COOKIE, path=COOKIE_PATH, secure=True, httponly=True, samesite="lax")


def _place(content: dict[str, str]) -> ClassPlace:
    return ClassPlace(
        content["class_code"], date.fromisoformat(content["birth_date"]), int(content["grade_level"])
    )
