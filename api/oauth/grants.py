"""Codes and tokens of registered clients: a code is good once, for a minute, with its verifier."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.errors import GuardianConsentRequiredError, InvalidCredentialsError, InvalidRefreshTokenError
from api.auth.schemas import Tokens
from api.auth.sessions import SignInDesk, log_out, open_session, refresh
from api.oauth import queries
from api.oauth.errors import ChildAtApplicationError, TokenRefusedError, invalid_grant
from api.oauth.requests import AuthorizationRequest, Client, find_client
from api.oauth.schemas import TokenRequest
from core.consents import may_be_minor
from core.ids import new_id
from core.sessions import SessionEndedError, end_session, hold_person
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId
from core.tokens import InvalidTokenError, verify_access_token

CODE_LIFE = timedelta(seconds=60)


async def issue_code(
    desk: SignInDesk, request: AuthorizationRequest, context: TenantContext, session_id: UUID | None
) -> str:
    """Return a fresh code for the person of `context`; only its SHA-256 is stored.

    `session_id`: the page's own. Raises SessionEndedError when it is ended meanwhile, and ChildAtApplicationError
    for whoever may be under 13: an application is a third party, and guardians were told that we disclose to none.
    Asked here once, because every token of an application begins with a code.
    """
    code = secrets.token_urlsafe(32)
    async with desk.database.tenant_transaction(context) as session:
        await _hold_session(session, context, session_id, now=desk.now)
        person = await session.scalar(queries.signed_in_person(context))
        if person is not None and may_be_minor(desk.keys.columns, person, desk.now):
            raise ChildAtApplicationError
        await session.execute(
            queries.CREATE_CODE,
            {
                "code_hash": _digest(code),
                "client_id": request.client.client_id,
                "user_id": context.user_id,
                "redirect_uri": request.redirect_uri,
                "code_challenge": request.code_challenge,
                "expires_at": desk.now + CODE_LIFE,
            },
        )
    return code


async def _hold_session(
    session: AsyncSession, context: TenantContext, session_id: UUID | None, *, now: datetime
) -> None:
    """Let nobody end the person's sessions, and the codes with them, before the new code is there to be ended."""
    if context.user_id is not None:
        await hold_person(session, context.user_id)
    lookup = {"session_id": session_id, "now": now}
    if (await session.execute(queries.FIND_SESSION, lookup)).one().user_id is None:
        raise SessionEndedError


async def require_client(desk: SignInDesk, client_id: str) -> Client:
    """Return the registered client. Raises TokenRefusedError."""
    client = await find_client(desk.database, client_id)
    if client is None:
        raise TokenRefusedError("invalid_client", "This application is not registered.")
    return client


async def exchange(desk: SignInDesk, asked: TokenRequest) -> Tokens:
    """Answer a request to the token endpoint. Raises TokenRefusedError."""
    client = await require_client(desk, asked.client_id)
    if asked.grant_type == "authorization_code":
        return await _redeem_code(desk, client, asked)
    if asked.grant_type == "refresh_token":
        return await _refresh_tokens(desk, client, asked.refresh_token)
    raise TokenRefusedError("unsupported_grant_type", "Use authorization_code or refresh_token.")


async def _redeem_code(desk: SignInDesk, client: Client, asked: TokenRequest) -> Tokens:
    """Exchange a code for tokens; a code presented twice ends the session it opened."""
    session_id = new_id()
    async with desk.database.auth_session() as session:
        attempt = {"code_hash": _digest(asked.code), "session_id": session_id, "now": desk.now}
        redeemed = (await session.execute(queries.REDEEM_CODE, attempt)).one()
    if redeemed.outcome == "replayed":
        tenant = TenantId.from_auth_function(redeemed.district_id)
        await desk.database.marks.remember_ended(tenant, [redeemed.ended_session])
    if (
        redeemed.outcome != "redeemed"
        or redeemed.client_id != client.client_id
        or redeemed.redirect_uri != asked.redirect_uri
        or not _is_answer_to(redeemed.code_challenge, asked.code_verifier)
    ):
        raise invalid_grant()
    context = TenantContext(
        TenantId.from_auth_function(redeemed.district_id), DISTRICT_SCOPE, redeemed.user_id
    )
    try:
        tokens = await open_session(
            desk,
            context.tenant,
            redeemed.user_id,
            device=client.name,
            client_id=client.client_id,
            session_id=session_id,
        )
    except (InvalidCredentialsError, GuardianConsentRequiredError) as error:  # closed since the code was made
        raise invalid_grant() from error
    await _require_standing(desk, asked.code, context, session_id)
    return tokens


async def _require_standing(desk: SignInDesk, code: str, context: TenantContext, session_id: UUID) -> None:
    """End the session again when the code was replayed while it was being opened: the replay could not."""
    async with desk.database.tenant_transaction(context) as session:
        stands = await session.scalar(queries.CODE_STANDS, {"code_hash": _digest(code)})
        if not stands and context.user_id is not None:
            await end_session(session, context.user_id, session_id, now=desk.now)
    if not stands:
        raise invalid_grant()


async def _refresh_tokens(desk: SignInDesk, client: Client, refresh_token: str) -> Tokens:
    try:
        return await refresh(desk, refresh_token, client_id=client.client_id)
    except InvalidRefreshTokenError as error:
        raise invalid_grant() from error


async def revoke(desk: SignInDesk, client_id: str, token: str) -> None:
    """End the session behind a token (RFC 7009): an access token of this client, or any refresh token.

    Whoever holds a refresh token may end its session, as by signing out. An unknown token is as good as revoked.

    Raises TokenRefusedError for an unknown client.
    """
    client = await require_client(desk, client_id)
    try:
        actor = verify_access_token(token, desk.keys, issuer=desk.settings.issuer, now=desk.now)
    except InvalidTokenError:
        await _revoke_refresh_token(desk, token)
        return
    if actor.client_id != client.client_id:
        return
    async with desk.database.tenant_transaction(actor.context) as session:
        await end_session(session, actor.user_id, actor.session_id, now=desk.now)


async def _revoke_refresh_token(desk: SignInDesk, token: str) -> None:
    try:
        await log_out(desk, token)
    except (InvalidRefreshTokenError, InvalidCredentialsError):
        return


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


def _is_answer_to(challenge: str, verifier: str) -> bool:
    """RFC 7636: S256 and nothing else."""
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(made, challenge.encode())
