"""OAuth 2.0 for registered applications: authorization code with PKCE, refresh, revocation, metadata."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.auth.endpoints import Desk, Guard, KnownCaller
from api.deps import AppSettings, public
from api.envelope import ERROR_RESPONSES
from api.oauth import grants, service
from api.oauth.grants import TokenRequest
from api.oauth.schemas import OAuthRefusal, OAuthTokens, ServerMetadata
from api.oauth.service import Visitor
from api.rate_limits import Bucket

router = APIRouter(prefix="/auth", tags=["oauth"])
well_known = APIRouter(prefix="/.well-known", tags=["oauth"])

Text = Annotated[str, Query(max_length=2000)]
Field = Annotated[str, Form(max_length=2000)]

_PAGES: dict[int | str, dict[str, Any]] = {
    303: {"description": "On to the application, with a code or an error"},
    400: {"description": "A page: the application or its address is not registered"},
}
_REFUSALS: dict[int | str, dict[str, Any]] = {400: {"model": OAuthRefusal, "description": "RFC 6749, 5.2"}}


@router.get(
    "/authorize", response_class=HTMLResponse, responses=_PAGES, dependencies=[public(Bucket.SIGN_IN)]
)
async def show_sign_in_page(
    request: Request,
    desk: Desk,
    caller: KnownCaller,
    client_id: Text = "",
    redirect_uri: Text = "",
    response_type: Text = "",
    code_challenge: Text = "",
    code_challenge_method: Text = "",
    state: Text | None = None,
) -> Response:
    """Show the page on which a person signs in to an application (RFC 6749 section 4.1, PKCE with S256 only)."""
    asked = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": response_type,
        "code_challenge": code_challenge,
        "code_challenge_method": code_challenge_method,
        **({} if state is None else {"state": state}),
    }
    return await service.show_page(desk, asked, Visitor.of(request, caller))


@router.post(
    "/authorize",
    response_class=HTMLResponse,
    responses={
        **_PAGES,
        401: {"description": "The page again: wrong address or password"},
        403: {"description": "A page: the form was not this browser's, or a guardian must consent first"},
    },
    dependencies=[public(Bucket.SIGN_IN)],
)
async def answer_sign_in_page(request: Request, desk: Desk, guard: Guard, caller: KnownCaller) -> Response:
    """Take what was decided on the page; bound to the browser that was shown it, and to that very request."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return await service.answer_form(desk, guard, form, Visitor.of(request, caller))


@router.post("/token", response_model=OAuthTokens, responses=_REFUSALS, dependencies=[public(Bucket.SIGN_IN)])
async def issue_tokens(
    desk: Desk,
    grant_type: Field = "",
    client_id: Field = "",
    code: Field = "",
    redirect_uri: Field = "",
    code_verifier: Field = "",
    refresh_token: Field = "",
) -> OAuthTokens:
    """Exchange a code, or a refresh token, for tokens (RFC 6749 sections 4.1.3 and 6). Form-encoded; no envelope."""
    asked = TokenRequest(
        grant_type=grant_type,
        client_id=client_id,
        code=code,
        redirect_uri=redirect_uri,
        code_verifier=code_verifier,
        refresh_token=refresh_token,
    )
    return OAuthTokens.model_validate(await grants.exchange(desk, asked))


@router.post("/revoke", response_class=Response, responses=_REFUSALS, dependencies=[public(Bucket.SIGN_IN)])
async def revoke_token(desk: Desk, token: Field = "", client_id: Field = "") -> Response:
    """End the session of a refresh or access token (RFC 7009); an unknown one is answered alike."""
    await grants.revoke(desk, client_id, token)
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
