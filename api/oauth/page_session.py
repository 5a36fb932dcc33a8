"""What our sign-in page remembers of a browser: a secret its forms are bound to, and who signed in on it.

Lax, unlike the refresh cookie: a client's link must find the person signed in. It opens nothing but this page.
"""

import hmac
import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self
from uuid import UUID

from fastapi import Response

from api.oauth.requests import AuthorizationRequest
from api.sealed_cookies import SealedCookie
from core.keys import KeyRing

COOKIE = SealedCookie("homeroom_authorisation", "/api/v1/auth/authorize", timedelta(hours=12))


@dataclass(frozen=True)
class PageSession:
    """`session_id` and `email` are those of who signed in on the page, if somebody did."""

    secret: str
    session_id: UUID | None = None
    email: str | None = None

    @classmethod
    def fresh(cls) -> Self:
        return cls(secrets.token_urlsafe(32))

    @classmethod
    def read(cls, cookie: str | None, keys: KeyRing, *, now: datetime) -> Self | None:
        """Return what a browser's cookie says; None for none, an old or a forged one."""
        content = COOKIE.read(cookie, keys, now=now)
        if content is None:
            return None
        session_id = content["session_id"]
        return cls(content["secret"], None if session_id is None else UUID(session_id), content["email"])

    def signed_in(self, session_id: UUID, email: str) -> Self:
        """The same browser with somebody signed in; a new secret, so that no earlier form is good any more."""
        return replace(self, secret=secrets.token_urlsafe(32), session_id=session_id, email=email)

    def form_token(self, request: AuthorizationRequest) -> str:
        """The proof that a form was shown to this browser, for this very request."""
        asked = json.dumps(request.parameters, sort_keys=True)
        return hmac.new(self.secret.encode(), asked.encode(), sha256).hexdigest()

    def made(self, form_token: str, request: AuthorizationRequest) -> bool:
        """Whether a form that came back is the one this browser was shown."""
        return hmac.compare_digest(self.form_token(request).encode(), form_token.encode())

    def keep(self, response: Response, keys: KeyRing, *, now: datetime) -> None:
        """Put it into the browser's cookie."""
        COOKIE.keep(response, asdict(self), keys, now=now)
