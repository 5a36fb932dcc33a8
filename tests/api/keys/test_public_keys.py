"""What a stranger may know of our keys: enough to verify a token, nothing to make one."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from core.keys import KeyRing
from tests.factories.world import World
from tests.fixtures.web import Api

ADDRESS = "/.well-known/jwks.json"


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_the_keys_verify_our_access_tokens(api: Api, shared_world: World) -> None:
    token = api.token_of(shared_world.districts[0].schools[0].teacher)
    published = KeySet.import_key_set((await api.anonymous.get(ADDRESS)).json())
    assert jwt.decode(token, published, algorithms=["EdDSA"]).claims["aud"] == "homeroom"


async def test_every_verification_key_is_told_and_no_private_part(api: Api, keys: KeyRing) -> None:
    told = (await api.anonymous.get(ADDRESS)).json()["keys"]
    assert [key["kid"] for key in told] == [key["kid"] for key in keys.signing_keys]
    assert [set(key) for key in told] == [{"kty", "crv", "x", "kid", "use", "alg"}] * len(told)


async def test_the_answer_may_be_kept_for_a_minute(api: Api) -> None:
    answer = await api.anonymous.get(ADDRESS)
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Content-Type"] == "application/json"
