"""The forger's workshop: access tokens that must open nothing, made by hand because libraries refuse to make them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.ids import new_id
from core.keys import KeyRing, new_signing_key

Part = dict[str, Any]


@dataclass(frozen=True)
class Genuine:
    """A good token taken apart, and the keys of its installation: all a forger could dream of."""

    token: str
    keys: KeyRing
    header: Part = field(init=False)
    claims: Part = field(init=False)

    def __post_init__(self) -> None:
        header, claims, _ = self.token.split(".")
        object.__setattr__(self, "header", decoded(header))
        object.__setattr__(self, "claims", decoded(claims))

    @property
    def signature(self) -> str:
        return self.token.rpartition(".")[2]

    @property
    def own_key(self) -> Part:
        return self.keys.signing_keys[0]


Forgery = Callable[[Genuine], str]


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def decoded(part: str) -> Part:
    content: Part = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return content


def signed(header: Part, claims: Any, key: Part) -> str:
    """Sign with a private JWK."""
    content = f"{encoded(header)}.{encoded(claims)}"
    private = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(key["d"] + "=="))
    return f"{content}.{base64.urlsafe_b64encode(private.sign(content.encode())).rstrip(b'=').decode()}"


def hmac_signed(genuine: Genuine, secret: bytes) -> str:
    """Sign with a shared secret, hoping that the verifier takes a public key for one."""
    content = f"{encoded({**genuine.header, 'alg': 'HS256'})}.{encoded(genuine.claims)}"
    digest = hmac.digest(secret, content.encode(), hashlib.sha256)
    return f"{content}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def with_claims(**changes: Any) -> Forgery:
    """The right key, other claims; None takes a claim away."""

    def forge(genuine: Genuine) -> str:
        changed = {**genuine.claims, **changes}
        kept = {name: value for name, value in changed.items() if value is not None or name not in changes}
        return signed(genuine.header, kept, genuine.own_key)

    return forge


def with_header(**changes: Any) -> Forgery:
    """The right key, another header; None takes a field away."""

    def forge(genuine: Genuine) -> str:
        changed = {name: value for name, value in {**genuine.header, **changes}.items() if value is not None}
        return signed(changed, genuine.claims, genuine.own_key)

    return forge


def under_old_signature(**changes: Any) -> Forgery:
    """Other claims under a signature that was made for the true ones."""
    return lambda genuine: (
        f"{encoded(genuine.header)}.{encoded({**genuine.claims, **changes})}.{genuine.signature}"
    )


def unsigned(algorithm: str) -> Forgery:
    return lambda genuine: f"{encoded({**genuine.header, 'alg': algorithm})}.{encoded(genuine.claims)}."


def with_signature(change: Callable[[str], str]) -> Forgery:
    return lambda genuine: f"{genuine.token.rpartition('.')[0]}.{change(genuine.signature)}"


def _public_pem(genuine: Genuine) -> bytes:
    pem: bytes = genuine.keys.signing_key.as_pem(private=False)
    return pem


def _public_bytes(genuine: Genuine) -> bytes:
    key: str = genuine.own_key["x"]
    return base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))


def _public_half(key: Part) -> Part:
    return {name: key[name] for name in ("kty", "crv", "x", "kid")}


def _with_its_own_key(genuine: Genuine) -> str:
    key = new_signing_key()
    return signed({**genuine.header, "jwk": _public_half(key), "kid": key["kid"]}, genuine.claims, key)


def _of_another_installation(genuine: Genuine) -> str:
    key = new_signing_key()
    return signed({**genuine.header, "kid": key["kid"]}, genuine.claims, key)


def _in_json(genuine: Genuine) -> str:
    header, claims, signature = genuine.token.split(".")
    return json.dumps({"protected": header, "payload": claims, "signature": signature})


ALGORITHMS: dict[str, Forgery] = {
    "no algorithm": unsigned("none"),
    "no algorithm, spelt oddly": unsigned("nOnE"),
    "no algorithm over a good signature": lambda genuine: unsigned("none")(genuine) + genuine.signature,
    "our public key as an HMAC secret (PEM)": lambda genuine: hmac_signed(genuine, _public_pem(genuine)),
    "our public key as an HMAC secret (raw)": lambda genuine: hmac_signed(genuine, _public_bytes(genuine)),
    "our public key as an HMAC secret (JWK)": lambda genuine: hmac_signed(
        genuine, json.dumps(_public_half(genuine.own_key)).encode()
    ),
    "an empty HMAC secret": lambda genuine: hmac_signed(genuine, b""),
    "another algorithm's name": with_header(alg="RS256"),
    "an algorithm that is a list": with_header(alg=["EdDSA"]),
    "no algorithm field": with_header(alg=None),
}

KEYS: dict[str, Forgery] = {
    "another key under our kid": lambda genuine: signed(genuine.header, genuine.claims, new_signing_key()),
    "another installation's key": _of_another_installation,
    "a key that came with the token": _with_its_own_key,
    "an unknown kid": with_header(kid="somebody-else"),
    "a kid that is a path": with_header(kid="../../dev/null"),
    "a kid that is a query": with_header(kid="' OR '1'='1"),
    "a kid that is a list": with_header(kid=["a"]),
    "an empty kid": with_header(kid=""),
    "no kid": with_header(kid=None),
}

KINDS: dict[str, Forgery] = {
    "an id token": with_header(typ="JWT"),
    "a logout token": with_header(typ="logout+jwt"),
    "no type": with_header(typ=None),
    "a critical extension": with_header(crit=["exp"]),
    "an unencoded payload": with_header(b64=False, crit=["b64"]),
    "a refresh token": lambda _: f"{new_id().hex}.c2VjcmV0",
    "a token in another notation": _in_json,
    "claims that are a list": lambda genuine: signed(genuine.header, ["a"], genuine.own_key),
}

CLAIMS: dict[str, Forgery] = {
    "another issuer": with_claims(iss="https://evil.example"),
    "an issuer that begins like ours": lambda genuine: with_claims(
        iss=f"{genuine.claims['iss']}.evil.example"
    )(genuine),
    "no issuer": with_claims(iss=None),
    "another audience": with_claims(aud="another-service"),
    "no audience": with_claims(aud=None),
    "expired": with_claims(exp=1),
    "no end": with_claims(exp=None),
    "not yet valid": with_claims(nbf=32_503_680_000),
    "no beginning": with_claims(nbf=None),
    "an end that is a word": with_claims(exp="tomorrow"),
    "an end beyond all time": with_claims(exp=10**30),
    "an end that never comes": with_claims(exp=float("inf")),
    "an end that is no number": with_claims(exp=float("nan")),
    "a role there is none of": with_claims(role="superuser"),
    "no role": with_claims(role=None),
    "no district": with_claims(district=None),
    "a district that is no id": with_claims(district="*"),
    "a district that is a number": with_claims(district=7),
    "a subject that is no id": with_claims(sub="admin"),
    "a subject that is a list": with_claims(sub=["a"]),
    "no session": with_claims(sid=None),
    "a session that is no id": with_claims(sid="*"),
}

SIGNATURES: dict[str, Forgery] = {
    "another district under the old signature": under_old_signature(district=str(new_id())),
    "another person under the old signature": under_old_signature(sub=str(new_id())),
    "another role under the old signature": under_old_signature(role="admin"),
    "the whole district under the old signature": under_old_signature(role="admin", school=None),
    "a later end under the old signature": under_old_signature(exp=32_503_680_000),
    "no signature": with_signature(lambda _: ""),
    "half a signature": with_signature(lambda signature: signature[:43]),
    "a signature of zeros": with_signature(lambda signature: "A" * len(signature)),
    "a signature turned round": with_signature(lambda signature: signature[::-1]),
}

FORGERIES: dict[str, Forgery] = {**ALGORITHMS, **KEYS, **KINDS, **CLAIMS, **SIGNATURES}
