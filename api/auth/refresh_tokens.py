"""Refresh tokens: `<session id>.<secret>`, of which only the SHA-256 of the secret is stored.

The secret is 32 bytes and a seal over them, so that rubbish is told from a replay without a look at the database.
The first of a session is random; each one after it follows from the one before by a key of ours. So all tabs that
present the same token at once, and a client whose answer was lost, are given the same successor.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from api.auth.errors import InvalidRefreshTokenError
from core.keys import KeyRing

NONCE_BYTES = 32
SEAL_BYTES = 16

LONGEST_CHAIN = 1000
"""Rotations within one grace that a straggler is led through; the rate limit allows a tenth of them."""


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One token of a session; `nonce` is what the secret says beside its seal."""

    session_id: UUID
    nonce: bytes
    seal: bytes

    @classmethod
    def first(cls, session_id: UUID, keys: KeyRing) -> "RefreshToken":
        return _sealed(session_id, secrets.token_bytes(NONCE_BYTES), keys)

    @classmethod
    def parse(cls, presented: str, keys: KeyRing) -> "RefreshToken":
        """Read a token. Raises InvalidRefreshTokenError for one we did not make."""
        session, _, secret = presented.partition(".")
        try:
            session_id, opened = UUID(session), base64.b64decode(secret.encode(), b"-_", validate=True)
        except ValueError as error:
            raise InvalidRefreshTokenError from error
        token = cls(session_id, opened[:NONCE_BYTES], opened[NONCE_BYTES:])
        genuine = _sealed(session_id, token.nonce, keys)
        if len(token.nonce) != NONCE_BYTES or not hmac.compare_digest(token.seal, genuine.seal):
            raise InvalidRefreshTokenError
        return token

    def successor(self, keys: KeyRing) -> "RefreshToken":
        """Return the token that replaces this one, whoever asks and however often."""
        following = hmac.digest(
            keys.derived_key("refresh-successor"), self.session_id.bytes + self.nonce, sha256
        )
        return _sealed(self.session_id, following, keys)

    def descendant(self, digest: bytes, keys: KeyRing) -> "RefreshToken":
        """Return the successor's successor … whose digest this is. Raises InvalidRefreshTokenError for none."""
        token = self
        for _ in range(LONGEST_CHAIN):
            token = token.successor(keys)
            if token.digest == digest:
                return token
        raise InvalidRefreshTokenError

    @property
    def secret(self) -> str:
        return base64.urlsafe_b64encode(self.nonce + self.seal).decode()

    @property
    def digest(self) -> bytes:
        return sha256(self.secret.encode()).digest()

    def __str__(self) -> str:
        return f"{self.session_id.hex}.{self.secret}"


def _sealed(session_id: UUID, nonce: bytes, keys: KeyRing) -> RefreshToken:
    seal = hmac.digest(keys.derived_key("refresh-seal"), session_id.bytes + nonce, sha256)
    return RefreshToken(session_id, nonce, seal[:SEAL_BYTES])
