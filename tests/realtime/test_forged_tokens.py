"""A forged token opens no socket and renews none. The same forgeries as over REST."""

from collections.abc import Callable

import pytest

from core.keys import KeyRing
from tests.factories.world import DistrictBench
from tests.forgeries import FORGERIES, Genuine, with_claims
from tests.realtime.conftest import Tokens
from tests.realtime.socket_client import HandshakeRefusedError, SocketClient

pytestmark = pytest.mark.any_engine


@pytest.fixture
def genuine(bench: DistrictBench, tokens: Tokens, keys: KeyRing) -> Genuine:
    return Genuine(tokens.of(bench.schools[0].student), keys)


async def test_the_workshop_of_the_forger_also_makes_good_tokens(realtime_url: str, genuine: Genuine) -> None:
    async with SocketClient(realtime_url, with_claims()(genuine)) as client:
        assert (await client.ask("sync", {"after_seq": 1}))["ok"] is True


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_opens_no_socket(realtime_url: str, genuine: Genuine, name: str) -> None:
    with pytest.raises(HandshakeRefusedError) as refusal:
        async with SocketClient(realtime_url, FORGERIES[name](genuine)):
            pass
    assert refusal.value.args[0]["data"] == {"code": "invalid_token"}


async def test_a_forged_token_renews_no_socket(
    bench: DistrictBench, connected: Callable[..., SocketClient], genuine: Genuine
) -> None:
    async with connected(bench.schools[0].student) as client:
        for name, forge in list(FORGERIES.items())[::4]:  # a socket may ask only so often
            answer = await client.ask("session:refresh", {"token": forge(genuine)})
            assert answer["error"]["code"] == "invalid_token", name
