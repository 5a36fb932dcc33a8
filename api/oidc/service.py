"""Signing in through an identity provider: by link only, and for newcomers by invitation or class code.

An address alone never opens an account: whoever controls a provider could claim anybody's.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Response

from api.auth.errors import GuardianConsentRequiredError
from api.auth.schemas import Tokens
from api.auth.sessions import SignInDesk, open_session
from api.oidc import arrivals, pending, queries
from api.oidc.errors import NotLinkedError, ReturnAddressError, SignInRefusedError
from api.oidc.pending import ClassPlace, PendingSignIn
from api.oidc.providers import IdentityProviders, Proof, ProvedIdentity
from api.oidc.schemas import FirstSignIn
from core.config import Settings
from core.consents import is_minor
from core.tenancy import TenantId


@dataclass(frozen=True)
class Callback:
    """What the provider's redirect brought."""

    provider: str
    state: str
    code: str | None
    issuer: str | None


@dataclass(frozen=True)
class OidcDesk:
    """What a sign-in through a provider needs besides the caller's words."""

    sign_in: SignInDesk
    providers: IdentityProviders


async def begin(desk: OidcDesk, provider: str, return_to: str, response: Response) -> str:
    """Start the sign-in of somebody who has been here before; returns the provider's address.

    Raises UnknownProviderError, ReturnAddressError or ProviderUnavailableError.
    """
    return await _send_away(desk, (provider, return_to), response)


async def begin_first(desk: OidcDesk, provider: str, body: FirstSignIn, response: Response) -> str:
    """Start the first sign-in. Raises GuardianConsentRequiredError for a child under 13, and what `begin` does."""
    place = None
    if body.class_code is not None and body.birth_date is not None and body.grade_level is not None:
        if is_minor(body.birth_date, desk.sign_in.now.date()):
            raise GuardianConsentRequiredError
        place = ClassPlace(body.class_code, body.birth_date, body.grade_level)
    return await _send_away(
        desk, (provider, body.return_to), response, invitation_token=body.invitation_token, place=place
    )


async def finish(desk: OidcDesk, callback: Callback, started: PendingSignIn, device: str) -> Tokens:
    """Open a session for whom the provider vouches for. Raises AppErrors that the browser is told in a code."""
    started.require_state(callback.provider, callback.state)
    provider = desk.providers.get(callback.provider)
    await provider.require_issuer(callback.issuer)
    if callback.code is None:
        raise SignInRefusedError
    redirect_uri = callback_address(desk.sign_in.settings, callback.provider)
    proof = Proof(callback.code, started.nonce, started.code_verifier, redirect_uri)
    identity = await provider.identity(proof, now=desk.sign_in.now)
    tenant, user_id = await _person(desk, started, identity)
    return await open_session(desk.sign_in, tenant, user_id, device=device)


def callback_address(settings: Settings, provider: str) -> str:
    """Return the address registered with the provider."""
    return f"{settings.issuer.rstrip('/')}/api/v1/auth/oidc/{provider}/callback"


def with_error(return_to: str, code: str) -> str:
    """Return the address a failed sign-in ends at."""
    return f"{return_to}{'&' if '?' in return_to else '?'}{urlencode({'error': code})}"


async def _send_away(
    desk: OidcDesk,
    target: tuple[str, str],
    response: Response,
    *,
    invitation_token: str | None = None,
    place: ClassPlace | None = None,
) -> str:
    """`target`: the provider and where the browser ends."""
    name, return_to = target
    provider = desk.providers.get(name)
    if return_to not in desk.sign_in.settings.return_urls:
        raise ReturnAddressError(field="return_to")
    made = await provider.authorization(callback_address(desk.sign_in.settings, name))
    started = PendingSignIn(
        provider=name,
        state=made["state"],
        nonce=made["nonce"],
        code_verifier=made["code_verifier"],
        return_to=return_to,
        invitation_token=invitation_token,
        place=place,
    )
    pending.keep(response, started, desk.sign_in.keys, now=desk.sign_in.now)
    return made["url"]


async def _person(desk: OidcDesk, started: PendingSignIn, identity: ProvedIdentity) -> arrivals.Person:
    async with desk.sign_in.database.auth_session() as session:
        link = {"issuer": identity.issuer, "subject": identity.subject}
        found = (await session.execute(queries.FIND_LINKED_IDENTITY, link)).one_or_none()
    if found is not None and found.user_id is not None:
        return TenantId.from_auth_function(found.district_id), found.user_id
    if started.invitation_token is not None:
        return await arrivals.arrive_invited(desk.sign_in, identity, started.invitation_token)
    if started.place is not None:
        return await arrivals.arrive_in_class(desk.sign_in, identity, started.place)
    raise NotLinkedError
