"""Identity providers: discovery, the code exchange and the proof of identity, all by Authlib and joserfc."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.base_client.async_app import AsyncOAuth2Mixin
from authlib.integrations.base_client.async_openid import AsyncOpenIDMixin
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from api.oidc.errors import ProviderUnavailableError, SignInRefusedError, UnknownProviderError
from core.config import OidcProvider

logger = structlog.get_logger(__name__)

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures only a holder of a private key can make: never `none`, never a shared secret."""
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 5.0
METADATA_SECONDS = 3600.0
"""How long a provider's discovery document and keys are believed; a new key is fetched at once."""


class _Client(AsyncOAuth2Mixin, AsyncOpenIDMixin):  # type: ignore[misc]  # Authlib has no types
    client_cls = AsyncOAuth2Client


@dataclass(frozen=True)
class ProvedIdentity:
    """Who the provider says somebody is; only `issuer` and `subject` together name a person for good."""

    issuer: str
    subject: str
    email: str | None
    name: str
    is_email_verified: bool


@dataclass(frozen=True)
class Proof:
    """What the callback brought, and what this browser was sent away with."""

    code: str
    nonce: str
    code_verifier: str
    redirect_uri: str


class IdentityProvider:
    """One provider of the settings."""

    def __init__(self, settings: OidcProvider) -> None:
        self.settings = settings
        self._client = _Client(
            None,
            name=settings.name,
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            server_metadata_url=settings.issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "timeout": TIMEOUT_SECONDS,
            },
        )

    @property
    def issuer(self) -> str:
        """The `iss` we believe; Microsoft's shared issuer is written with a place for the directory's id."""
        published: str = self._client.server_metadata["issuer"]
        return published.replace("{tenantid}", self.settings.directory_id or "{tenantid}")

    async def authorization(self, redirect_uri: str) -> dict[str, str]:
        """Return `url`, `state`, `nonce` and `code_verifier` of a new sign-in. Raises ProviderUnavailableError."""
        await self._discover()
        asked = {} if self.settings.hosted_domain is None else {"hd": self.settings.hosted_domain}
        made: dict[str, str] = await self._client.create_authorization_url(redirect_uri, **asked)
        return made

    async def identity(self, proof: Proof, *, now: datetime) -> ProvedIdentity:
        """Exchange the code and check the ID token. Raises SignInRefusedError, ProviderUnavailableError."""
        await self._discover()
        try:
            token = await self._client.fetch_access_token(
                proof.redirect_uri, code=proof.code, code_verifier=proof.code_verifier
            )
            claims = await self._claims(token, proof.nonce, now)
        except httpx2.HTTPError as error:
            raise ProviderUnavailableError from error
        except (OAuthError, JoseError, ValueError, KeyError, TypeError) as error:
            logger.warning("oidc_refused", provider=self.settings.name, error=type(error).__name__)
            raise SignInRefusedError from error
        self._require_directory(claims)
        return self._proved(claims)

    async def require_issuer(self, named: str | None) -> None:
        """Refuse an answer of another provider (RFC 9207). Raises SignInRefusedError."""
        await self._discover()
        announces = self._client.server_metadata.get("authorization_response_iss_parameter_supported")
        if named != self.issuer and (named is not None or announces):
            raise SignInRefusedError

    async def _discover(self) -> None:
        try:
            metadata = await self._client.load_server_metadata()
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderUnavailableError from error
        expected = self.settings.issuer.rstrip("/")
        published = str(metadata.get("issuer", "")).rstrip("/")
        if published != expected and not _is_shared(published, expected):
            logger.error("oidc_issuer_differs", provider=self.settings.name)
            raise ProviderUnavailableError

    async def _claims(self, token: dict[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        decoded = await self._decoded(token["id_token"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.settings.client_id},
                "sub": {"essential": True},
            },
            {"nonce": nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        return dict(claims)

    async def _decoded(self, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        keys = KeySet.import_key_set(await self._client.fetch_jwk_set())
        try:
            return jwt.decode(id_token, keys, registry=registry)
        except InvalidKeyIdError:  # the provider has a new key
            keys = KeySet.import_key_set(await self._client.fetch_jwk_set(force=True))
            return jwt.decode(id_token, keys, registry=registry)

    def _require_directory(self, claims: dict[str, Any]) -> None:
        """Google and Microsoft sign in anybody: the settings say whose people they must be."""
        wanted = {"hd": self.settings.hosted_domain, "tid": self.settings.directory_id}
        if any(value is not None and claims.get(claim) != value for claim, value in wanted.items()):
            raise SignInRefusedError

    def _proved(self, claims: dict[str, Any]) -> ProvedIdentity:
        """Microsoft says nothing of verified addresses; the one directory of the settings vouches for its own."""
        email = claims.get("email")
        vouches = claims.get("email_verified") is True or self.settings.directory_id is not None
        return ProvedIdentity(
            issuer=claims["iss"],
            subject=str(claims["sub"]),
            email=email.lower() if isinstance(email, str) else None,
            name=str(claims.get("name") or claims.get("given_name") or ""),
            is_email_verified=vouches and claims.get("email_verified") is not False,
        )


class IdentityProviders:
    """The providers of one process by name, their metadata read anew every hour."""

    def __init__(self, configured: Sequence[OidcProvider]) -> None:
        self._configured = {provider.name: provider for provider in configured}
        self._open: dict[str, tuple[float, IdentityProvider]] = {}

    def get(self, name: str) -> IdentityProvider:
        """Return the provider. Raises UnknownProviderError."""
        if name not in self._configured:
            raise UnknownProviderError
        opened_at, provider = self._open.get(name, (-METADATA_SECONDS, None))
        if provider is None or time.monotonic() - opened_at > METADATA_SECONDS:
            provider = IdentityProvider(self._configured[name])
            self._open[name] = (time.monotonic(), provider)
        return provider


def _is_shared(published: str, expected: str) -> bool:
    """Microsoft's `common` and `organizations` publish an issuer with a place for the directory's id."""
    return "{tenantid}" in published and published.split("/")[:3] == expected.split("/")[:3]
