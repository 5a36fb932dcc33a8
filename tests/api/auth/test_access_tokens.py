"""Only a token we signed, for us, of the right kind and in its time opens a door."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.ids import new_id
from core.keys import KeyRing, new_signing_key
from core.models import User
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import World
from tests.fixtures.web import Api, StandingClock

ME = "/api/v1/users/me"


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def decoded(part: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return content


def signed(header: dict[str, Any], claims: dict[str, Any], key: dict[str, Any]) -> str:
    """Sign with a private JWK by hand: a library would refuse to make most of these."""
    content = f"{encoded(header)}.{encoded(claims)}"
    private = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(key["d"] + "=="))
    return f"{content}.{base64.urlsafe_b64encode(private.sign(content.encode())).rstrip(b'=').decode()}"


def hmac_signed(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    content = f"{encoded(header)}.{encoded(claims)}"
    digest = hmac.digest(secret, content.encode(), hashlib.sha256)
    return f"{content}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


Forgery = Callable[[dict[str, Any], dict[str, Any], KeyRing], str]


def with_claims(**changes: Any) -> Forgery:
    """The right key, other claims; None takes a claim away."""

    def forge(header: dict[str, Any], claims: dict[str, Any], keys: KeyRing) -> str:
        changed = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        return signed(header, changed, keys.signing_keys[0])

    return forge


def with_header(**changes: Any) -> Forgery:
    def forge(header: dict[str, Any], claims: dict[str, Any], keys: KeyRing) -> str:
        changed = {name: value for name, value in {**header, **changes}.items() if value is not None}
        return signed(changed, claims, keys.signing_keys[0])

    return forge


def public_pem(keys: KeyRing) -> bytes:
    pem: bytes = keys.signing_key.as_pem(private=False)
    return pem


def public_bytes(keys: KeyRing) -> bytes:
    key: str = keys.signing_keys[0]["x"]
    return base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))


FORGERIES: dict[str, Forgery] = {
    "no algorithm": lambda header, claims, _: f"{encoded({**header, 'alg': 'none'})}.{encoded(claims)}.",
    "no algorithm, spelt oddly": lambda h, claims, _: f"{encoded({**h, 'alg': 'nOnE'})}.{encoded(claims)}.",
    "our public key as an HMAC secret (PEM)": lambda h, c, keys: hmac_signed(
        {**h, "alg": "HS256"}, c, public_pem(keys)
    ),
    "our public key as an HMAC secret (raw)": lambda h, c, keys: hmac_signed(
        {**h, "alg": "HS256"}, c, public_bytes(keys)
    ),
    "an empty HMAC secret": lambda header, claims, _: hmac_signed({**header, "alg": "HS256"}, claims, b""),
    "another key under our kid": lambda h, claims, _: signed(h, claims, new_signing_key()),
    "a key that came with the token": lambda header, claims, _: _with_its_own_key(header, claims),
    "an unknown kid": with_header(kid="somebody-else"),
    "a kid that is a path": with_header(kid="../../dev/null"),
    "no kid": with_header(kid=None),
    "an id token": with_header(typ="JWT"),
    "no type": with_header(typ=None),
    "a critical extension": with_header(crit=["exp"]),
    "another issuer": with_claims(iss="https://evil.example"),
    "no issuer": with_claims(iss=None),
    "another audience": with_claims(aud="another-service"),
    "no audience": with_claims(aud=None),
    "expired": with_claims(exp=1),
    "no end": with_claims(exp=None),
    "not yet valid": with_claims(nbf=32_503_680_000),
    "no beginning": with_claims(nbf=None),
    "an end that is a word": with_claims(exp="tomorrow"),
    "a role there is none of": with_claims(role="superuser"),
    "no role": with_claims(role=None),
    "no district": with_claims(district=None),
    "a district that is no id": with_claims(district="*"),
    "a subject that is no id": with_claims(sub="admin"),
    "a subject that is a list": with_claims(sub=["a"]),
    "a district that is a number": with_claims(district=7),
}


def _with_its_own_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    key = new_signing_key()
    return signed({**header, "jwk": {name: key[name] for name in ("kty", "crv", "x")}}, claims, key)


@pytest.fixture
def teacher(shared_world: World) -> User:
    return shared_world.districts[0].schools[0].teacher


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_opens_nothing(api: Api, teacher: User, keys: KeyRing, name: str) -> None:
    header, claims, _ = api.token_of(teacher).split(".")
    forged = FORGERIES[name](decoded(header), decoded(claims), keys)
    refusal_of(await api.signed_in_with(forged).get(ME), 401, "invalid_token")


async def test_the_workshop_of_the_forger_also_makes_good_tokens(
    api: Api, teacher: User, keys: KeyRing
) -> None:
    header, claims, _ = api.token_of(teacher).split(".")
    genuine = with_claims()(decoded(header), decoded(claims), keys)
    assert data_of(await api.signed_in_with(genuine).get(ME))["id"] == str(teacher.id)


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_a_changed_part_breaks_the_signature(api: Api, teacher: User, part: int) -> None:
    parts = api.token_of(teacher).split(".")
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]
    refusal_of(await api.signed_in_with(".".join(parts)).get(ME), 401, "invalid_token")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", "x" * 10_000, "a.b.c.d.e", "null"])
async def test_noise_opens_nothing(api: Api, token: str) -> None:
    refusal_of(await api.signed_in_with(token).get(ME), 401, "invalid_token")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", b"Bearer \xff\xfe.\xe9.x", "bearer"])
async def test_another_kind_of_authorization_opens_nothing(api: Api, header: str | bytes) -> None:
    answer = await api.anonymous.get(ME, headers=[(b"Authorization", _bytes(header))])
    refusal_of(answer, 401, "invalid_token")


async def test_a_token_ends_after_ten_minutes(api: Api, teacher: User, clock: StandingClock) -> None:
    client = api.signed_in(teacher)
    clock.advance(timedelta(minutes=9, seconds=59))
    data_of(await client.get(ME))
    clock.advance(timedelta(seconds=2))
    refusal_of(await client.get(ME), 401, "invalid_token")


async def test_a_refresh_token_is_no_access_token(api: Api) -> None:
    refusal_of(await api.signed_in_with(f"{new_id().hex}.secret").get(ME), 401, "invalid_token")


def _bytes(header: str | bytes) -> bytes:
    return header if isinstance(header, bytes) else header.encode()
