"""What surrounds every request: an id, a line in the log, a body limit, and headers that keep browsers careful."""

import re
import time
from collections.abc import Mapping
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import route_of, unexpected_error
from api.rate_limits import Standing

logger = structlog.get_logger(__name__)

MAXIMUM_BODY_BYTES = 1024 * 1024
"""JSON bodies; a batch of 500 events is about 300 KB. Uploads have their own limit."""

ROSTER_BYTES = 21 * 1024 * 1024
"""An archive of 20 MiB and its frame."""
SOURCE_BYTES = 6_000_000 + 64 * 1024
"""A quiz's source of 1,000,000 characters: JSON spells a letter in up to six bytes."""
_UPLOADS = (
    (re.compile(r"/api/v1/classes/rosters/oneroster"), ROSTER_BYTES),
    (re.compile(r"/api/v1/question-banks/[^/]+/import"), 11 * 1024 * 1024),
    (re.compile(r"/api/v1/concepts/import"), 11 * 1024 * 1024),
    (re.compile(r"/api/v1/assignments/generate"), SOURCE_BYTES),
    (re.compile(r"/api/v1/files"), 11 * 1024 * 1024),
)
"""Paths that take files or books, and the most they take."""

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""An answer that is data loads and runs nothing, even where a browser is talked into showing it as a page."""

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; font-src 'self';"
    " img-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""The pages that show the document: their scripts are ours, but stand inside the page. Pages with a form set
their own policy."""

_TWO_YEARS = "max-age=63072000; includeSubDomains"

_ASKED_BY_MACHINES = {"/healthz", "/readyz", "/metrics"}
"""Every few seconds, for ever: their lines are for debugging only."""


class RequestFrame:
    """Gives each request an id and one line in the log, and each answer its headers.

    The line names the route's template, never the path: paths hold ids and codes, queries hold what people typed.
    `is_https`: the API's public address is https, so browsers are told never to come back without it.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool = False) -> None:
        self.app = app
        transport = {"Strict-Transport-Security": _TWO_YEARS} if is_https else {}
        self._headers = {**_SECURITY_HEADERS, **transport}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, started = uuid4().hex, time.perf_counter()
        state = scope.setdefault("state", {})
        status: int | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                _complete(headers, self._headers, state.get("rate_limit"))
            await send(message)

        structlog.contextvars.clear_contextvars()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                _write_line(scope, status, time.perf_counter() - started)


def _complete(headers: MutableHeaders, wanted: Mapping[str, str], standing: Standing | None) -> None:
    """Add what an answer does not say itself."""
    is_page = headers.get("Content-Type", "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", _PAGE_POLICY if is_page else _DATA_POLICY)
    for name, value in wanted.items():
        headers.setdefault(name, value)
    if standing is not None:
        headers.update(standing.headers)


def _write_line(scope: Scope, status: int | None, seconds: float) -> None:
    """One line a request; whoever signed in is bound to it by `api.deps`. No status: the client went away."""
    route = route_of(scope)
    write = logger.debug if route in _ASKED_BY_MACHINES else logger.info
    write("request", method=scope["method"], route=route, status=status, duration_ms=round(seconds * 1000, 1))


class NoSurprises:
    """Answers an error nobody expected in the envelope, inside the request's id and headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def watched_send(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        except Exception as error:
            if has_started or scope["type"] != "http":
                raise
            await unexpected_error(scope, error)(scope, receive, send)


class BodyLimit:
    """Refuses a body beyond the limit, counting what arrives: declared lengths may lie."""

    def __init__(self, app: ASGIApp, maximum: int = MAXIMUM_BODY_BYTES) -> None:
        self.app = app
        self.maximum = maximum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen, maximum = 0, self._limit_of(scope["path"])

        async def counted_receive() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > maximum:
                raise HTTPException(413)  # FastAPI turns any other error while it reads the body into a 400
            return message

        await self.app(scope, counted_receive, send)

    def _limit_of(self, path: str) -> int:
        return next((limit for pattern, limit in _UPLOADS if pattern.fullmatch(path)), self.maximum)
