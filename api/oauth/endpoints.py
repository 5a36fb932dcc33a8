"""OAuth 2.0 for registered applications: authorization code with PKCE, refresh, revocation, metadata."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from api.auth.endpoints import Desk, Guard, KnownCaller
from api.deps import AppSettings, public
from api.envelope import ERROR_RESPONSES
from api.oauth import grants, service
from api.oauth.schemas import (
    AuthorizationQuery,
    OAuthRefusal,
    OAuthTokens,
    PageForm,
    Revocation,
    ServerMetadata,
    TokenRequest,
)
from api.oauth.service import Visitor
from api.rate_limits import Bucket

router = APIRouter(prefix="/auth", tags=["oauth"])
well_known = APIRouter(prefix="/.well-known", tags=["oauth"])

_PAGE = {"text/html": {"schema": {"type": "string"}}}
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page", "content": _PAGE},
    303: {"description": "On to the application, with a code or an error"},
    400: {"description": "A page: the application or its address is not registered", "content": _PAGE},
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    **_PAGES,
    401: {"description": "The page again: wrong address or password", "content": _PAGE},
    403: {
        "description": "A page: not this browser's form, a child under 13, or a guardian must consent first",
        "content": _PAGE,
    },
    429: {**ERROR_RESPONSES[429], "content": _PAGE},
}
_REFUSALS: dict[int | str, dict[str, Any]] = {400: {"model": OAuthRefusal, "description": "RFC 6749, 5.2"}}


@router.get("/authorize", response_model=None, responses=_PAGES, dependencies=[public(Bucket.SIGN_IN)])
async def show_sign_in_page(
    request: Request, desk: Desk, caller: KnownCaller, asked: Annotated[AuthorizationQuery, Query()]
) -> Response:
    """Show the page on which a person signs in to an application (RFC 6749 section 4.1, PKCE with S256 only)."""
    return await service.show_page(desk, asked.given, Visitor.of(request, caller))


@router.post("/authorize", response_model=None, responses=_ANSWERS, dependencies=[public(Bucket.SIGN_IN)])
async def answer_sign_in_page(
    request: Request, desk: Desk, guard: Guard, caller: KnownCaller, form: Annotated[PageForm, Form()]
) -> Response:
    """Take what was decided on the page; bound to the browser that was shown it, and to that very request."""
    return await service.answer_form(desk, guard, form.given, Visitor.of(request, caller))


@router.post("/token", responses=_REFUSALS, dependencies=[public(Bucket.SIGN_IN)])
async def issue_tokens(desk: Desk, asked: Annotated[TokenRequest, Form()]) -> OAuthTokens:
    """Exchange a code, or a refresh token, for tokens (RFC 6749 sections 4.1.3 and 6). Form-encoded; no envelope."""
    return OAuthTokens.model_validate(await grants.exchange(desk, asked))


@router.post("/revoke", response_class=Response, responses=_REFUSALS, dependencies=[public(Bucket.SIGN_IN)])
async def revoke_token(desk: Desk, asked: Annotated[Revocation, Form()]) -> Response:
    """End the session of a refresh or access token (RFC 7009); an unknown one is answered alike."""
    await grants.revoke(desk, asked.client_id, asked.token)
    return Response(status_code=200)


@well_known.get("/oauth-authorization-server", dependencies=[public()], responses={429: ERROR_RESPONSES[429]})
async def read_metadata(settings: AppSettings) -> ServerMetadata:
    """Where everything is (RFC 8414)."""
    issuer = settings.issuer.rstrip("/")
    auth = f"{issuer}/api/v1/auth"
    return ServerMetadata(
        issuer=settings.issuer,
        authorization_endpoint=f"{auth}/authorize",
        token_endpoint=f"{auth}/token",
        revocation_endpoint=f"{auth}/revoke",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
    )
