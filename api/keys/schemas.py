from typing import Literal

from pydantic import BaseModel


class PublicKey(BaseModel):
    """One key as RFC 8037 writes it: an Ed25519 curve point, and nothing private."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str
    kid: str
    use: Literal["sig"]
    alg: Literal["EdDSA"]


class PublicKeys(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[PublicKey]
