"""A forged token opens nothing, and the refusal does not say which flaw was seen. Sockets: tests/realtime."""

import pytest

from core.keys import KeyRing
from core.models import User
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import World
from tests.fixtures.web import Api
from tests.forgeries import FORGERIES, Genuine, with_claims

pytestmark = pytest.mark.any_engine

ME = "/api/v1/users/me"


@pytest.fixture
def teacher(shared_world: World) -> User:
    return shared_world.districts[0].schools[0].teacher


@pytest.fixture
def genuine(api: Api, teacher: User, keys: KeyRing) -> Genuine:
    return Genuine(api.token_of(teacher), keys)


def test_there_are_forgeries_enough() -> None:
    assert len(FORGERIES) >= 50


async def test_the_workshop_of_the_forger_also_makes_good_tokens(
    api: Api, genuine: Genuine, teacher: User
) -> None:
    """Otherwise every forgery below would be refused for the forger's clumsiness."""
    data = data_of(await api.signed_in_with(with_claims()(genuine)).get(ME))
    assert data["id"] == str(teacher.id)


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_opens_nothing(api: Api, genuine: Genuine, name: str) -> None:
    answer = await api.signed_in_with(FORGERIES[name](genuine)).get(ME)
    refusal_of(answer, 401, "invalid_token")
    nonsense = await api.signed_in_with("a.b.c").get(ME)
    assert answer.content == nonsense.content
    assert answer.headers["WWW-Authenticate"] == nonsense.headers["WWW-Authenticate"]


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_writes_nothing(api: Api, genuine: Genuine, name: str) -> None:
    client = api.signed_in_with(FORGERIES[name](genuine))
    answer = await client.post("/api/v1/classes", json={"name": "Art", "subject": "Art"})
    refusal_of(answer, 401, "invalid_token")


async def test_a_good_token_in_the_wrong_place_opens_nothing(api: Api, genuine: Genuine) -> None:
    token = genuine.token
    for place in ({"params": {"access_token": token}}, {"headers": {"Cookie": f"access_token={token}"}}):
        refusal_of(await api.anonymous.get(ME, **place), 401, "invalid_token")  # type: ignore[arg-type]
