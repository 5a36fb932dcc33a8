"""Browsers: the refresh token in a cookie no script can read, and calls with it from our own pages only.

A browser says who it is with `X-Client: browser`, a header no foreign page can send without our permission (CORS).
"""

from typing import Annotated

from fastapi import Depends, Request, Response

from api.auth import devices
from api.auth.errors import CsrfRefusedError, InvalidRefreshTokenError
from api.auth.schemas import Refresh, Tokens
from api.deps import AppSettings
from core.config import Settings

REFRESH_COOKIE = "homeroom_refresh"
COOKIE_PATH = "/api/v1/auth"
CLIENT_HEADER = "X-Client"
DAY = 24 * 3600


class BrowserDoor:
    """What a request and its answer carry besides their bodies."""

    def __init__(self, request: Request, response: Response, settings: Settings) -> None:
        self._request = request
        self._response = response
        self._settings = settings

    @property
    def is_browser(self) -> bool:
        return self._request.headers.get(CLIENT_HEADER, "").lower() == "browser"

    @property
    def device_token(self) -> str | None:
        return self._request.cookies.get(devices.COOKIE)

    def require_own_page(self) -> None:
        """Refuse a sign-in that a foreign page makes a browser send. Raises CsrfRefusedError."""
        origin = self._request.headers.get("Origin")
        if self.is_browser and origin is not None and not _is_ours(origin, self._settings):
            raise CsrfRefusedError

    def presented(self, body: Refresh | None) -> str:
        """Return the refresh token of a call: a browser's from its cookie, an app's from the body.

        Raises CsrfRefusedError for a cookie without the header or from a foreign page, InvalidRefreshTokenError
        where there is no token at all.
        """
        if not self.is_browser and body is not None and body.refresh_token is not None:
            return body.refresh_token
        cookie = self._request.cookies.get(REFRESH_COOKIE)
        if cookie is None and not self.is_browser:
            raise InvalidRefreshTokenError
        if not self.is_browser or not _is_ours(self._request.headers.get("Origin"), self._settings):
            raise CsrfRefusedError
        if cookie is None:
            raise InvalidRefreshTokenError
        return cookie

    def handed_over(self, tokens: Tokens) -> Tokens:
        """Return what the body may show: a browser's secrets go into cookies instead."""
        if not self.is_browser:
            return tokens
        keep_tokens(self._response, tokens, self._settings)
        return tokens.model_copy(update={"refresh_token": None, "device_token": None})

    def introduced(self, device_token: str) -> str | None:
        """Keep the note that this device is its owner's: in a browser's cookie, else it is returned for the body."""
        if not self.is_browser:
            return device_token
        _set_cookie(self._response, devices.COOKIE, device_token, devices.DEVICE_DAYS)
        return None

    def forget(self) -> None:
        """Take the refresh token back from a browser that has one."""
        if self.is_browser or REFRESH_COOKIE in self._request.cookies:
            self._response.delete_cookie(
                REFRESH_COOKIE, path=COOKIE_PATH, secure=True, httponly=True, samesite="strict"
            )


def keep_tokens(response: Response, tokens: Tokens, settings: Settings) -> None:
    """Put the long-lived secrets of a sign-in into cookies of the answer."""
    if tokens.refresh_token is not None:
        _set_cookie(response, REFRESH_COOKIE, tokens.refresh_token, settings.refresh_token_days)
    if tokens.device_token is not None:
        _set_cookie(response, devices.COOKIE, tokens.device_token, devices.DEVICE_DAYS)


def _set_cookie(response: Response, name: str, value: str, days: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=days * DAY,
        path=COOKIE_PATH,
        secure=True,
        httponly=True,
        samesite="strict",
    )


def _is_ours(origin: str | None, settings: Settings) -> bool:
    return origin is not None and origin in settings.allowed_origins


async def get_browser_door(request: Request, response: Response, settings: AppSettings) -> BrowserDoor:
    return BrowserDoor(request, response, settings)


Browser = Annotated[BrowserDoor, Depends(get_browser_door)]
