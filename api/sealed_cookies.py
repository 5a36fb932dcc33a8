"""What a browser carries for us between two pages of a sign-in: encrypted, short-lived, Lax.

Lax, because the browser comes back by a link or redirect of a foreign site, which Strict cookies do not survive.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import Response

from core.encryption import Place, UndecipherableError
from core.keys import KeyRing


@dataclass(frozen=True)
class SealedCookie:
    """A cookie by its name, the path it is sent to, and how long it is good."""

    name: str
    path: str
    life: timedelta

    @property
    def _place(self) -> Place:
        """No district is known yet; the value is bound to the cookie's name alone."""
        return Place("cookie", self.name, UUID(int=0))

    def keep(self, response: Response, content: dict[str, Any], keys: KeyRing, *, now: datetime) -> None:
        """Put `content` (what JSON can say; other things as text) into the browser's cookie."""
        dated = {**content, "until": int((now + self.life).timestamp())}
        sealed = keys.columns.encrypt(json.dumps(dated, default=str), self._place)
        response.set_cookie(
            self.name,
            base64.urlsafe_b64encode(sealed).decode(),
            max_age=int(self.life.total_seconds()),
            path=self.path,
            secure=True,
            httponly=True,
            samesite="lax",
        )

    def read(self, value: str | None, keys: KeyRing, *, now: datetime) -> dict[str, Any] | None:
        """Return the content; None for no cookie, an old or a forged one."""
        try:
            sealed = base64.urlsafe_b64decode((value or "").encode())
            content: dict[str, Any] = json.loads(keys.columns.decrypt(sealed, self._place))
        except (UndecipherableError, binascii.Error, ValueError):
            return None
        return content if content.pop("until") > now.timestamp() else None

    def forget(self, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(self.name, path=self.path, secure=True, httponly=True, samesite="lax")
