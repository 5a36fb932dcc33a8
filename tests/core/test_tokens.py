"""Access tokens: who they speak for, and every forgery that must not be believed."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from core.encryption import ColumnKeys, new_column_key
from core.ids import new_id
from core.keys import KeyRing, new_signing_key
from core.tenancy import Actor, Role, TenantId
from core.tokens import InvalidTokenError, issue_access_token, verify_access_token, verify_token

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ISSUER = "https://homeroom.example"
COLUMNS = ColumnKeys.from_json([new_column_key()])
KEYS = KeyRing([new_signing_key(), new_signing_key()], b"k" * 32, COLUMNS)
STRANGER = KeyRing([new_signing_key()], b"k" * 32, COLUMNS)
TEACHER = Actor(
    new_id(), Role.TEACHER, TenantId.from_auth_function(new_id()), school_id=new_id(), session_id=new_id()
)


def token(actor: Actor = TEACHER, keys: KeyRing = KEYS) -> str:
    return issue_access_token(actor, keys, issuer=ISSUER, now=NOW, minutes=10)


def verify(text: str, now: datetime = NOW) -> Actor:
    return verify_access_token(text, KEYS, issuer=ISSUER, now=now)


def signed(header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token signed with our own key, with some claims or headers changed (None removes one)."""
    content = {**_part(token(), 1), **claims}
    content = {name: value for name, value in content.items() if value is not ...}
    full = {**_part(token(), 0), **(header or {})}
    full = {name: value for name, value in full.items() if value is not ...}
    return jwt.encode(full, content, KEYS.signing_key, algorithms=[full["alg"]])


def _part(text: str, number: int) -> dict[str, Any]:
    part = text.split(".")[number]
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return content


def _written(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_a_token_speaks_for_the_actor_it_was_issued_to() -> None:
    assert verify(token()) == TEACHER


def test_an_admin_of_the_district_has_no_school() -> None:
    admin = Actor(new_id(), Role.ADMIN, TEACHER.tenant, school_id=None, session_id=new_id())
    assert verify(token(admin)) == admin


def test_a_token_of_an_older_key_is_believed_while_the_key_is_kept() -> None:
    older = KeyRing(KEYS.signing_keys[1:], KEYS.index_key, COLUMNS)
    assert verify(token(keys=older)) == TEACHER


@pytest.mark.parametrize("minutes", [0, 5, 9])
def test_a_token_lives_ten_minutes(minutes: int) -> None:
    assert verify(token(), NOW + timedelta(minutes=minutes)) == TEACHER


def test_the_expiry_is_told() -> None:
    verified = verify_token(token(), KEYS, issuer=ISSUER, now=NOW)
    assert verified.expires_at == NOW + timedelta(minutes=10)


def test_a_token_carries_no_name_and_no_address() -> None:
    assert set(_part(token(), 1)) == {
        *("iss", "aud", "sub", "sid", "district", "school", "role", "iat", "nbf", "exp")
    }


_SECRET = OctKey.import_key("a" * 32)
_PUBLIC_AS_SECRET = OctKey.import_key(json.dumps(KEYS.signing_key.as_dict(private=False)).encode())
_HEADER = {"alg": "EdDSA", "typ": "at+jwt", "kid": KEYS.signing_key.kid}

FORGERIES: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "not a token": lambda: "hello",
    "two dots": lambda: "..",
    "no signature": lambda: token().rpartition(".")[0] + ".",
    "alg none": lambda: f"{_written({**_HEADER, 'alg': 'none'})}.{token().split('.')[1]}.",
    "alg None with a signature": lambda: f"{_written({**_HEADER, 'alg': 'None'})}.{token().split('.', 1)[1]}",
    "HMAC with a guessed secret": lambda: jwt.encode({**_HEADER, "alg": "HS256"}, _part(token(), 1), _SECRET),
    "HMAC with our public key": lambda: jwt.encode(
        {**_HEADER, "alg": "HS256"}, _part(token(), 1), _PUBLIC_AS_SECRET
    ),
    "a stranger's key": lambda: token(keys=STRANGER),
    "a stranger's key under our kid": lambda: jwt.encode(
        _HEADER, _part(token(), 1), OKPKey.import_key(STRANGER.signing_keys[0]), algorithms=["EdDSA"]
    ),
    "changed claims": lambda: ".".join(
        [token().split(".")[0], _written({**_part(token(), 1), "role": "admin"}), token().split(".")[2]]
    ),
    "no kid": lambda: signed({"kid": ...}),
    "unknown kid": lambda: signed({"kid": "nobody"}),
    "kid as a path": lambda: signed({"kid": "../../etc/passwd"}),
    "no typ": lambda: signed({"typ": ...}),
    "an id token's typ": lambda: signed({"typ": "JWT"}),
    "another issuer": lambda: signed(iss="https://evil.example"),
    "no issuer": lambda: signed(iss=...),
    "another audience": lambda: signed(aud="other"),
    "no audience": lambda: signed(aud=...),
    "no expiry": lambda: signed(exp=...),
    "no beginning": lambda: signed(nbf=...),
    "from the future": lambda: signed(nbf=int(NOW.timestamp()) + 3600),
    "an expiry in words": lambda: signed(exp="tomorrow"),
    "an unknown role": lambda: signed(role="owner"),
    "no district": lambda: signed(district=...),
    "a district that is no id": lambda: signed(district="1 OR 1=1"),
    "a list as district": lambda: signed(district=["x"]),
    "no subject": lambda: signed(sub=...),
    "no session": lambda: signed(sid=...),
    "a school that is no id": lambda: signed(school="all"),
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_not_believed(name: str) -> None:
    with pytest.raises(InvalidTokenError):
        verify(FORGERIES[name]())


@pytest.mark.parametrize("minutes", [10, 11, 60 * 24])
def test_an_expired_token_is_not_believed(minutes: int) -> None:
    with pytest.raises(InvalidTokenError):
        verify(token(), NOW + timedelta(minutes=minutes, seconds=1))
