"""Authorising a client: who is at the page, and what the client's address is told."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from api.auth.errors import GuardianConsentRequiredError, InvalidCredentialsError
from api.auth.guessing import GuessGuard, TooManyGuessesError
from api.auth.schemas import Login
from api.auth.sessions import SignInDesk
from api.auth.signing_in import Caller, log_in
from api.oauth import queries
from api.oauth.errors import AuthorizationRefusedError, ChildAtApplicationError, PageRefusedError
from api.oauth.grants import issue_code
from api.oauth.page import CHILD, STALE_FORM, UNKNOWN_CLIENT, refused_page, sign_in_page
from api.oauth.page_session import COOKIE, PageSession
from api.oauth.requests import AuthorizationRequest, Destination, find_destination, read_request
from core.sessions import SessionEndedError
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId
from core.tokens import verify_access_token

DEVICE = "Sign-in page"
SEE_OTHER = 303


@dataclass(frozen=True)
class Visitor:
    """Who is at the page, as far as the request tells."""

    caller: Caller
    cookie: str | None
    origin: str | None

    @classmethod
    def of(cls, request: Request, caller: Caller) -> "Visitor":
        return cls(caller, request.cookies.get(COOKIE.name), request.headers.get("Origin"))


async def show_page(desk: SignInDesk, asked: Mapping[str, str], visitor: Visitor) -> Response:
    """Answer a client's link: our page, the client's address with an error, or a page that says what is wrong."""
    try:
        destination = await find_destination(desk.database, asked, desk.settings.issuer)
    except PageRefusedError:
        return refused_page(UNKNOWN_CLIENT, 400)
    try:
        request = read_request(destination, asked)
    except AuthorizationRefusedError as error:
        return _to_client(destination, error=error.error, error_description=error.description)
    browser = await _browser(desk, visitor)
    answer = sign_in_page(request, browser)
    browser.keep(answer, desk.keys, now=desk.now)
    return answer


async def answer_form(
    desk: SignInDesk, guard: GuessGuard, form: Mapping[str, str], visitor: Visitor
) -> Response:
    """Answer what somebody decided on the page; a form this browser was not shown changes nothing."""
    try:
        destination = await find_destination(desk.database, form, desk.settings.issuer)
        request = read_request(destination, form)
    except (PageRefusedError, AuthorizationRefusedError):
        return refused_page(UNKNOWN_CLIENT, 400)
    browser = await _browser(desk, visitor)
    if not browser.made(form.get("form_token", ""), request) or _is_foreign(desk, visitor.origin):
        return refused_page(STALE_FORM, 403)
    match form.get("decision"):
        case "cancel":
            return _to_client(destination, error="access_denied", error_description="The person cancelled.")
        case "switch":
            return _ask_again(desk, request, PageSession.fresh())
        case "continue" if browser.session_id is not None:
            return await _grant(desk, destination, request, browser)
        case _:
            return await _sign_in(desk, guard, form, (destination, request, browser), visitor)


async def _sign_in(
    desk: SignInDesk,
    guard: GuessGuard,
    form: Mapping[str, str],
    page: tuple[Destination, AuthorizationRequest, PageSession],
    visitor: Visitor,
) -> Response:
    """`page`: where the answer goes, what is asked, and the browser."""
    destination, request, browser = page
    try:
        login = Login(email=form.get("email", ""), password=form.get("password", ""), device_name=DEVICE)
        tokens = await log_in(desk, guard, login, visitor.caller)
    except (ValidationError, InvalidCredentialsError):
        return _ask_again(desk, request, browser, problem=InvalidCredentialsError().message, status=401)
    except TooManyGuessesError as error:
        answer = _ask_again(desk, request, browser, problem=error.message, status=error.status)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    except GuardianConsentRequiredError as error:
        return _ask_again(desk, request, browser, problem=error.message, status=error.status)
    actor = verify_access_token(tokens.access_token, desk.keys, issuer=desk.settings.issuer, now=desk.now)
    return await _grant(desk, destination, request, browser.signed_in(actor.session_id, login.email))


async def _grant(
    desk: SignInDesk, destination: Destination, request: AuthorizationRequest, browser: PageSession
) -> Response:
    context = await _person(desk, browser)
    if context is None:
        return _ask_again(desk, request, PageSession.fresh())
    try:
        code = await issue_code(desk, request, context, browser.session_id)
    except SessionEndedError:
        return _ask_again(desk, request, PageSession.fresh())
    except ChildAtApplicationError:
        return _ask_again(desk, request, PageSession.fresh(), problem=CHILD, status=403)
    answer = _to_client(destination, code=code)
    browser.keep(answer, desk.keys, now=desk.now)
    return answer


async def _browser(desk: SignInDesk, visitor: Visitor) -> PageSession:
    """What the cookie says, without the person whose session has ended since."""
    browser = PageSession.read(visitor.cookie, desk.keys, now=desk.now)
    if browser is None:
        return PageSession.fresh()
    if browser.session_id is not None and await _person(desk, browser) is None:
        return PageSession(browser.secret)
    return browser


async def _person(desk: SignInDesk, browser: PageSession) -> TenantContext | None:
    lookup = {"session_id": browser.session_id, "now": desk.now}
    async with desk.database.auth_session() as session:
        found = (await session.execute(queries.FIND_SESSION, lookup)).one_or_none()
    if found is None or found.user_id is None:
        return None
    return TenantContext(TenantId.from_auth_function(found.district_id), DISTRICT_SCOPE, found.user_id)


def _ask_again(
    desk: SignInDesk,
    request: AuthorizationRequest,
    browser: PageSession,
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    answer = sign_in_page(request, browser, problem=problem, status=status)
    browser.keep(answer, desk.keys, now=desk.now)
    return answer


def _to_client(destination: Destination, **parameters: str) -> Response:
    return RedirectResponse(destination.answer(**parameters), SEE_OTHER)


def _is_foreign(desk: SignInDesk, origin: str | None) -> bool:
    """Whether another site's page sent the form. Browsers name the origin of every POST."""
    return origin is not None and origin != desk.settings.issuer.rstrip("/")
