"""Keys in the place of ids: the same id, the same key in every export of a district; without its secret, none.

HMAC-SHA256, cut to 128 bits: two of a million students share a key with probability 10^-27, and nobody can try all
ids without the secret, which stays in PostgreSQL.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

KEY_BYTES = 16
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """A district's keys. The secret is never shown, not even in a traceback."""

    secret: bytes = field(repr=False)

    def key(self, kind: str, identifier: str) -> str:
        """Return 32 hexadecimal digits. Kinds keep keys apart: an attempt is never taken for a person."""
        return hmac.digest(self.secret, f"{kind}:{identifier}".encode(), "sha256")[:KEY_BYTES].hex()

    def keys(self, kind: str, identifiers: Iterable[str]) -> pl.DataFrame:
        """Return columns `identifier` and `key`, each identifier once."""
        once = sorted(set(identifiers))
        return pl.DataFrame(
            {"identifier": once, "key": [self.key(kind, one) for one in once]},
            schema={"identifier": pl.String(), "key": pl.String()},
        )

    @property
    def fingerprint(self) -> str:
        """Tell one secret from another without telling anything of it."""
        return self.key("fingerprint", "")
