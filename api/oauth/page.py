"""Our sign-in page: no scripts, nothing from elsewhere, in no frame."""

import secrets
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.oauth.page_session import PageSession
from api.oauth.requests import AuthorizationRequest

TEMPLATES = Path(__file__).parent / "templates"
ACTION = "/api/v1/auth/authorize"

UNKNOWN_CLIENT = "The application that sent you here is not registered, or not with this address."
CHILD = (
    "Other applications are not open to children under 13. Cancel, and ask your teacher what to use instead."
)
STALE_FORM = "This page had been open for too long. Please try again."


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def sign_in_page(
    request: AuthorizationRequest, browser: PageSession, *, problem: str = "", status: int = 200
) -> HTMLResponse:
    """Ask who it is; whoever signed in on this page before is asked whether to go on."""
    return _page(
        "sign_in.html.jinja",
        status,
        allowed_target=_policy_source(request.redirect_uri),
        action=ACTION,
        client=request.client.name,
        parameters=request.parameters,
        form_token=browser.form_token(request),
        email=browser.email,
        problem=problem,
    )


def refused_page(problem: str, status: int) -> HTMLResponse:
    """Say why nothing is sent on."""
    return _page("refused.html.jinja", status, allowed_target="", problem=problem)


def _page(template: str, status: int, *, allowed_target: str, **content: Any) -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    html = _environment().get_template(template).render(content, nonce=nonce)
    # Browsers apply form-action to the redirect that follows the form too, so the client's address is named.
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self' {allowed_target}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    # With no-referrer, as our other answers have it, browsers hide the origin of the form from ourselves too.
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"}
    return HTMLResponse(html, status, headers=headers)


def _policy_source(redirect_uri: str) -> str:
    """Name an address as policies can: no path, no query, and no IPv6 host, which they have no words for."""
    parts = urlsplit(redirect_uri)
    if parts.scheme in {"http", "https"} and "[" not in parts.netloc:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
