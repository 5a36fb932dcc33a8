"""One client's trouble stays its own: who does not read, who floods, and who comes to a node that is full."""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import Settings
from core.emit import emitter_for
from tests.factories.user import actor_of
from tests.factories.world import World
from tests.realtime.conftest import Record, Tokens, running_realtime
from tests.realtime.socket_client import HandshakeRefusedError, SocketClient

Connected = Callable[..., SocketClient]


async def test_who_does_not_read_is_cut_off_and_finds_everything_afterwards(
    *, world: World, connected: Connected, settings: Settings, record: Record
) -> None:
    school = world.districts[0].schools[0]
    actor, emitter = actor_of(school.student), emitter_for(settings.redis_url)
    async with connected(school.teacher) as other:
        async with connected(school.student) as deaf:
            deaf.stop_listening()
            heavy = {"filler": secrets.token_hex(25_000)}  # nothing that the network could make smaller
            for _ in range(
                1000
            ):  # some of it fits into the network's own buffers; the rest waits in the server
                await emitter.to_user(actor.tenant, actor.user_id, "badge", heavy)
                await asyncio.sleep(0.003)
            numbers = [await record(school.student) for _ in range(3)]
            assert (await other.ask("sync", {"after_seq": 0}))["ok"] is True
            deaf.listen_again()
            await asyncio.wait_for(deaf.closed.wait(), 40)
        async with connected(school.student) as again:
            answer = await again.ask("sync", {"after_seq": numbers[0] - 1})
    assert [event["seq"] for event in answer["data"]["events"]] == numbers
    await emitter.close()


async def test_a_flood_of_one_client_leaves_the_others_answered(world: World, connected: Connected) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.student) as flooding, connected(school.teacher) as other:
        message = '42["presence:active",{}]'
        for _ in range(100):
            if flooding.closed.is_set():
                break
            await asyncio.gather(*(_sent(flooding, message) for _ in range(50)))
            assert (await other.ask("presence:active", {}))["ok"] is True or flooding.closed.is_set()
            await asyncio.sleep(0.25)  # the other one has a limit as well: five a second
        await asyncio.wait_for(flooding.closed.wait(), 10)
        assert (await other.ask("sync", {"after_seq": 0}))["ok"] is True


async def _sent(client: SocketClient, message: str) -> None:
    if not client.closed.is_set():
        await client.send_raw(message)


async def test_a_full_node_sends_people_on_with_a_code(
    *, world: World, settings: Settings, tokens: Tokens, tmp_path: Path
) -> None:
    school = world.districts[0].schools[0]
    small = settings.model_copy(update={"sockets_per_node": 1})
    with running_realtime(small, tmp_path / "small.log") as url:
        async with SocketClient(url, tokens.of(school.student)):
            with pytest.raises(HandshakeRefusedError) as refusal:
                await SocketClient(url, tokens.of(school.teacher)).__aenter__()
        assert refusal.value.args[0]["data"] == {"code": "too_many_connections"}
        await asyncio.sleep(0.5)
        async with SocketClient(url, tokens.of(school.teacher)) as later:
            assert (await later.ask("sync", {"after_seq": 0}))["ok"] is True
