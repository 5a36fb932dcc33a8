"""What a client can send that no library would: the others do not notice."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from realtime.token_bucket import BURST, PATIENCE, PER_SECOND, TokenBucket, TooManyMessagesError
from tests.factories.world import World
from tests.realtime.conftest import Record, Tokens
from tests.realtime.socket_client import SocketClient

Connected = Callable[..., SocketClient]


@pytest.mark.parametrize(
    "event", ["", "message", "*", "emit", "notification:new", "__class__", "message:sends"]
)
async def test_an_unknown_event_is_refused(world: World, connected: Connected, event: str) -> None:
    async with connected(world.districts[0].schools[0].student) as client:
        answer = await client.ask(event, {"room": "everyone"})
    assert answer == {
        "ok": False,
        "error": {"code": "unknown_event", "message": "There is no such event."},
    }


async def test_a_forged_disconnect_does_not_outlive_the_token(
    world: World, realtime_url: str, tokens: Tokens
) -> None:
    """The library hands an event named `disconnect` to the handler of real ones."""
    student = world.districts[0].schools[0].student
    async with SocketClient(realtime_url, tokens.of(student, seconds_left=4)) as client:
        await client.send_raw('42["disconnect","transport close"]')
        assert (await client.ask("sync", {"after_seq": 1}))["ok"] is True
        await asyncio.wait_for(client.closed.wait(), 20)


async def test_a_forged_connect_does_not_change_who_one_is(
    world: World, connected: Connected, tokens: Tokens, record: Record
) -> None:
    student, victim = world.districts[0].schools[0].student, world.districts[1].schools[0].student
    async with connected(student) as client:
        await client.send_raw('42["connect",{},{"token":"' + tokens.of(victim) + '"}]')
        await record(victim)
        assert await client.hears_nothing_more()


async def test_a_flood_is_slowed_and_then_cut_off_while_others_are_served(
    world: World, connected: Connected
) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.student) as flooder, connected(school.classmate) as neighbour:
        for number in range(BURST):
            await flooder.ask("sync", {"after_seq": 1}) if number else None
        for _ in range(2 * PATIENCE):
            await flooder.send_raw('42["sync",{"after_seq":1}]')
        assert (await neighbour.ask("sync", {"after_seq": 0}))["ok"] is True
        await asyncio.wait_for(flooder.closed.wait(), 20)
        assert (await neighbour.ask("sync", {"after_seq": 0}))["ok"] is True


async def test_a_giant_frame_costs_only_its_sender_the_socket(world: World, connected: Connected) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.student) as giant, connected(school.classmate) as neighbour:
        await giant.send_raw('42["sync",{"after_seq":1,"padding":"' + "x" * 70_000 + '"}]')
        await asyncio.wait_for(giant.closed.wait(), 20)
        assert (await neighbour.ask("sync", {"after_seq": 0}))["ok"] is True


@pytest.mark.parametrize(
    "packet",
    ["42", "42[]", "42{}", "42[1]", "42[null,{}]", "4", "49", "451-x", "4299999999999[]", "é", b"\x00"],
)
async def test_a_broken_packet_harms_nobody_else(
    world: World, connected: Connected, packet: str | bytes
) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.student) as broken, connected(school.classmate) as neighbour:
        await broken.send_raw(packet)
        assert (await neighbour.ask("sync", {"after_seq": 0}))["ok"] is True


def test_a_bucket_allows_a_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(filled_at=100.0)
    for _ in range(BURST):
        bucket.take(100.0)
    with pytest.raises(TooManyMessagesError):
        bucket.take(100.0)
    bucket.take(100.0 + 1 / PER_SECOND)
    with pytest.raises(TooManyMessagesError):
        bucket.take(100.0 + 1 / PER_SECOND)


def _sent(bucket: TokenBucket, *, per_second: int, seconds: int) -> bool:
    """Send evenly; tell whether the socket would have been closed."""
    for number in range(per_second * seconds):
        with suppress(TooManyMessagesError):
            bucket.take(number / per_second)
        if bucket.is_flooded:
            return True
    return False


def test_a_client_that_is_somewhat_too_fast_is_slowed_but_kept() -> None:
    assert not _sent(TokenBucket(filled_at=0.0), per_second=8, seconds=600)


@pytest.mark.parametrize("per_second", [100, 500, 5_000])
def test_a_client_that_does_not_listen_is_cut_off(per_second: int) -> None:
    assert _sent(TokenBucket(filled_at=0.0), per_second=per_second, seconds=3)


def test_a_bucket_forgives_who_slows_down() -> None:
    bucket = TokenBucket(filled_at=0.0, tokens=0.0, refusals=PATIENCE - 1)
    for second in range(1, PATIENCE):
        bucket.take(float(second))
    assert bucket.refusals == 0
