"""A sign-in that is under way: sealed into a cookie of the browser that began it, so no other can finish it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from secrets import compare_digest

from fastapi import Response

from api.oidc.errors import SignInRefusedError
from api.sealed_cookies import SealedCookie
from core.keys import KeyRing

COOKIE = SealedCookie("homeroom_oidc", "/api/v1/auth/oidc", timedelta(minutes=10))


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


def keep(response: Response, pending: PendingSignIn, keys: KeyRing, *, now: datetime) -> None:
    """Put the sign-in into the browser's cookie."""
    COOKIE.keep(response, asdict(pending), keys, now=now)


def resume(cookie: str | None, keys: KeyRing, *, now: datetime) -> PendingSignIn:
    """Read the cookie of a sign-in that is under way. Raises SignInRefusedError."""
    content = COOKIE.read(cookie, keys, now=now)
    if content is None:
        raise SignInRefusedError
    place = content.pop("place")
    return PendingSignIn(**content, place=None if place is None else _place(place))


def _place(content: dict[str, str]) -> ClassPlace:
    return ClassPlace(
        content["class_code"], date.fromisoformat(content["birth_date"]), int(content["grade_level"])
    )
