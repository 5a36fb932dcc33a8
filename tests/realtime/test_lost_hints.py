"""Hints that are lost, late, repeated or forged: each person still hears everything once and in order."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from core.config import Settings
from core.db import Database
from core.emit import USERS_CHANNEL, Emitter, Hint, NoPublisher, RedisPublisher, emitter_for
from core.models import User
from core.session_marks import ENDED_CHANNEL
from core.user_events import UserEventDraft, record_user_event
from tests.factories.user import actor_of
from tests.factories.world import World
from tests.realtime.conftest import Record, running_realtime
from tests.realtime.socket_client import SocketClient

Connected = Callable[..., SocketClient]


class Shuffler:
    """Keeps hints, and publishes them when and how often it is told."""

    def __init__(self) -> None:
        self.kept: list[Hint] = []

    async def publish(self, hint: Hint) -> None:
        self.kept.append(hint)

    async def close(self) -> None:
        return


async def record_with(database: Database, emitter: Emitter, user: User, times: int) -> None:
    quiet, database.emitter = database.emitter, emitter
    try:
        for number in range(times):
            draft = UserEventDraft("grade:updated", {"number": number}, datetime.now(UTC), user.school_id)
            async with database.tenant_transaction(actor_of(user).context) as session:
                await record_user_event(session, [user.id], draft)
        await asyncio.gather(*database._publishing)
    finally:
        database.emitter = quiet


async def numbers_heard(client: SocketClient, times: int) -> list[int]:
    return [(await client.next_event())[1]["number"] for _ in range(times)]


async def test_what_nobody_hinted_at_arrives_all_the_same(
    world: World, connected: Connected, database: Database
) -> None:
    student = world.districts[0].schools[0].student
    async with connected(student) as phone, connected(student) as laptop:
        await record_with(database, Emitter(NoPublisher()), student, 3)
        assert await numbers_heard(phone, 3) == await numbers_heard(laptop, 3) == [0, 1, 2]
        assert await phone.hears_nothing_more()


@pytest.mark.parametrize(
    "order", [[2, 1, 0], [0, 2, 1, 1], [1, 0, 2], [0, 0, 1, 2, 2, 1], [2], [1, 2]], ids=str
)
async def test_hints_in_any_order_are_heard_once_and_in_turn(
    *, world: World, connected: Connected, database: Database, settings: Settings, order: list[int]
) -> None:
    student, shuffler = world.districts[0].schools[0].student, Shuffler()
    publisher = RedisPublisher(settings.redis_url)
    async with connected(student) as client:
        await record_with(database, Emitter(shuffler), student, 3)
        for place in order:
            await publisher.publish(shuffler.kept[place])
        assert await numbers_heard(client, 3) == [0, 1, 2]
        assert await client.hears_nothing_more()
    await publisher.close()


@pytest.mark.parametrize(
    "said",
    ["", "x", "[]", '{"method": "disconnect"}', '{"sessions": 3}', '{"to": {}}', "\x00", "[" * 50_000],
    ids=lambda said: said[:12],
)
async def test_nonsense_on_the_channels_stops_nothing(
    *, world: World, connected: Connected, settings: Settings, record: Record, said: str
) -> None:
    student = world.districts[0].schools[0].student
    async with connected(student) as client, Redis.from_url(settings.redis_url) as redis:
        for channel in (USERS_CHANNEL, ENDED_CHANNEL):
            await redis.publish(channel, said)
        await record(student)
        assert (await client.next_event())[0] == "grade:updated"


async def test_a_hint_for_another_district_finds_nobody(
    world: World, connected: Connected, settings: Settings
) -> None:
    """Even with a foreign user's id: people are known by district and id together."""
    here, there = world.districts
    student, foreign = here.schools[0].student, actor_of(there.schools[0].student)
    emitter = emitter_for(settings.redis_url)
    async with connected(student) as client:
        await emitter.to_user(foreign.tenant, student.id, "badge", {"unread": 1})
        assert await client.hears_nothing_more()
    await emitter.close()


async def test_two_nodes_tell_both_halves_of_a_person_s_sockets(
    *, world: World, settings: Settings, tokens: Any, record: Record, tmp_path: Any
) -> None:
    student = world.districts[0].schools[0].student
    with (
        running_realtime(settings, tmp_path / "one.log") as one,
        running_realtime(settings, tmp_path / "two.log") as two,
    ):
        async with (
            SocketClient(one, tokens.of(student)) as phone,
            SocketClient(two, tokens.of(student)) as laptop,
        ):
            for _ in range(5):
                await record(student)
            heard = [(await client.next_event())[1]["seq"] for client in (phone, laptop) for _ in range(5)]
            assert heard[:5] == heard[5:] == list(range(heard[0], heard[0] + 5))
            assert await phone.hears_nothing_more()
            assert await laptop.hears_nothing_more()
