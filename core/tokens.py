"""Access tokens: short-lived EdDSA JWTs (RFC 9068 shape), verified without a database read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry

from core.errors import UnauthenticatedError
from core.keys import KeyRing
from core.tenancy import Actor, Role, TenantId

ALGORITHM = "EdDSA"
AUDIENCE = "homeroom"
TYPE = "at+jwt"


class _OneAlgorithm(JWSRegistry):
    """Knows EdDSA and nothing else.

    RFC 9864 prefers the name Ed25519, which few clients verify yet; the library's own look-up warns on every
    token for that reason.
    """

    def get_alg(self, name: str) -> Any:
        if name != ALGORITHM:
            raise UnsupportedAlgorithmError(f"{name} is not allowed")
        return self.algorithms[ALGORITHM]


_REGISTRY = _OneAlgorithm()


class InvalidTokenError(UnauthenticatedError):
    """The access token is missing, malformed or expired."""

    code = "invalid_token"


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Who a token speaks for, and until when."""

    actor: Actor
    expires_at: datetime


def issue_access_token(actor: Actor, keys: KeyRing, *, issuer: str, now: datetime, minutes: int) -> str:
    """Sign an access token for `actor`, valid from `now` for `minutes`."""
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": str(actor.user_id),
        "sid": str(actor.session_id),
        "district": str(actor.tenant),
        "school": None if actor.school_id is None else str(actor.school_id),
        "role": actor.role.value,
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=minutes)).timestamp()),
    }
    if actor.needs_consent:
        claims["minor"] = True
    if actor.client_id is not None:
        claims["client_id"] = actor.client_id
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": keys.signing_key.kid}
    return jwt.encode(header, claims, keys.signing_key, registry=_REGISTRY)


def verify_access_token(token: str, keys: KeyRing, *, issuer: str, now: datetime) -> Actor:
    """Return who the token speaks for. Raises InvalidTokenError as `verify_token` does."""
    return verify_token(token, keys, issuer=issuer, now=now).actor


def verify_token(token: str, keys: KeyRing, *, issuer: str, now: datetime) -> VerifiedToken:
    """Return who the token speaks for and until when: a socket outlives its handshake.

    Raises InvalidTokenError for a bad signature, another algorithm, type, issuer or audience, or a wrong time.
    """
    try:
        decoded = jwt.decode(token, keys.verification_keys, registry=_REGISTRY)
        if decoded.header.get("typ") != TYPE or "kid" not in decoded.header:
            raise InvalidTokenError
        _claims_registry(issuer, now).validate(decoded.claims)
        expires_at = datetime.fromtimestamp(decoded.claims["exp"], tz=UTC)
        return VerifiedToken(_actor(decoded.claims), expires_at)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise InvalidTokenError from error


def _claims_registry(issuer: str, now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": AUDIENCE},
        exp={"essential": True},
        nbf={"essential": True},
    )


def _actor(claims: dict[str, Any]) -> Actor:
    return Actor(
        user_id=UUID(claims["sub"]),
        role=Role(claims["role"]),
        tenant=TenantId.from_token(claims),
        school_id=None if claims["school"] is None else UUID(claims["school"]),
        session_id=UUID(claims["sid"]),
        needs_consent=claims.get("minor") is True,
        client_id=claims.get("client_id"),
    )
