"""What surrounds every request: an id, a body limit, and headers that make answers inert in a browser."""

from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import unexpected_error

MAXIMUM_BODY_BYTES = 1024 * 1024
"""JSON bodies; a batch of 500 events is about 300 KB. Uploads have their own limit."""

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class RequestId:
    """Gives each request an id, in the answer and in every log line."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = uuid4().hex

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self.app(scope, receive, send_with_headers)


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
        seen = 0

        async def counted_receive() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.maximum:
                raise HTTPException(413)  # FastAPI turns any other error while it reads the body into a 400
            return message

        await self.app(scope, counted_receive, send)
