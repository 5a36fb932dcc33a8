"""Signing in through Google, Microsoft or any OIDC issuer of the settings."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.auth.cookies import keep_tokens
from api.auth.device_names import device_name
from api.auth.endpoints import Desk
from api.deps import AppSettings, Keys, Now, public
from api.envelope import Envelope, ok
from api.oidc import pending, service
from api.oidc.schemas import AuthorizationAddress, FirstSignIn, ReturnTo
from api.oidc.service import Callback, OidcDesk
from api.rate_limits import Bucket
from core.errors import AppError

router = APIRouter(prefix="/auth/oidc", tags=["sign-in through a provider"])


async def get_oidc_desk(request: Request, desk: Desk) -> OidcDesk:
    return OidcDesk(desk, request.app.state.identity_providers)


Oidc = Annotated[OidcDesk, Depends(get_oidc_desk)]
_SEE_OTHER = 303


@router.get(
    "/{provider}/start",
    status_code=_SEE_OTHER,
    response_class=RedirectResponse,
    dependencies=[public(Bucket.SIGN_IN)],
)
async def start(provider: str, return_to: Annotated[ReturnTo, Query()], desk: Oidc) -> RedirectResponse:
    """Send the browser of somebody who has been here before to the provider.

    It ends at `return_to`, with the refresh token in its cookie, or with `?error=<code>`.
    """
    answer = RedirectResponse("", _SEE_OTHER)
    answer.headers["Location"] = await service.begin(desk, provider, return_to, answer)
    return answer


@router.post("/{provider}/start", dependencies=[public(Bucket.SIGN_IN)])
async def start_first(
    provider: str, body: FirstSignIn, desk: Oidc, response: Response
) -> Envelope[AuthorizationAddress]:
    """Begin a first sign-in, with an invitation or a class code; send the browser to the address it answers."""
    address = await service.begin_first(desk, provider, body, response)
    return ok(AuthorizationAddress(authorization_url=address))


@router.get(
    "/{provider}/callback",
    status_code=_SEE_OTHER,
    response_class=RedirectResponse,
    dependencies=[public(Bucket.SIGN_IN)],
)
async def finish(
    provider: str,
    request: Request,
    desk: Oidc,
    keys: Keys,
    settings: AppSettings,
    now: Now,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str | None, Query(max_length=4000)] = None,
    iss: Annotated[str | None, Query(max_length=500)] = None,
) -> RedirectResponse:
    """Where the provider sends the browser back to; it ends at the address the sign-in began with."""
    return_to = next(iter(settings.return_urls), settings.web_url)
    try:
        started = pending.resume(request.cookies.get(pending.COOKIE.name), keys, now=now)
        return_to = started.return_to
        callback = Callback(provider, state, code, iss)
        device = device_name(None, request.headers.get("User-Agent"))
        tokens = await service.finish(desk, callback, started, device)
    except AppError as error:
        if error.status >= 500 and not error.retry_after:
            raise
        answer = RedirectResponse(service.with_error(return_to, error.code), _SEE_OTHER)
    else:
        answer = RedirectResponse(return_to, _SEE_OTHER)
        keep_tokens(answer, tokens, settings)
    pending.COOKIE.forget(answer)
    return answer
