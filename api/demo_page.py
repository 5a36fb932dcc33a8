"""The demo's live page, where an installation has one: files of a folder, with a policy of their own."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PATH = "/demo/live"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none';"
    " form-action 'none'; connect-src 'self' http://localhost:* ws://localhost:*; frame-ancestors 'none'"
)
"""Its sockets are on another port of the same machine."""


class _Page(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Content-Security-Policy"] = _POLICY
        return response


def show_demo_page(app: FastAPI, folder: Path) -> None:
    """Show the page of `folder` at /demo/live."""
    app.mount(PATH, _Page(directory=folder, html=True), name="demo page")
