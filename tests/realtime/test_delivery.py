"""What happens to a user reaches that user's sockets, with its number, and nobody else's."""

import asyncio
from collections.abc import Callable

import socketio

from tests.factories.world import World
from tests.realtime.conftest import Record, Tokens
from tests.realtime.socket_client import SocketClient

Connected = Callable[..., SocketClient]


async def test_an_event_arrives_with_its_number_and_time(
    world: World, connected: Connected, record: Record
) -> None:
    student = world.districts[0].schools[0].student
    async with connected(student) as client:
        seq = await record(student, name="answer:graded")
        name, data = await client.next_event()
    assert name == "answer:graded"
    assert data["seq"] == seq == 2
    assert data["points"] == "1.00"
    assert data["occurred_at"].endswith("+00:00")


async def test_every_socket_of_the_user_hears_it(world: World, connected: Connected, record: Record) -> None:
    student = world.districts[0].schools[0].student
    async with connected(student) as phone, connected(student) as laptop:
        await record(student)
        assert await phone.next_event() == await laptop.next_event()


async def test_nobody_else_hears_it(world: World, connected: Connected, record: Record) -> None:
    here, there = world.districts
    school = here.schools[0]
    others = [school.classmate, school.teacher, school.admin, here.schools[1].student, here.admin]
    others += [there.schools[0].student, there.admin]
    clients = [connected(user) for user in others]
    async with connected(school.student) as client:
        await asyncio.gather(*(other.__aenter__() for other in clients))
        await record(school.student)
        await client.next_event()
        assert all([await other.hears_nothing_more() for other in clients])
    await asyncio.gather(*(other.__aexit__(None, None, None) for other in clients))


async def test_a_class_wide_event_reaches_each_with_their_own_number(
    world: World, connected: Connected, record: Record
) -> None:
    school = world.districts[0].schools[0]
    async with connected(school.student) as first, connected(school.classmate) as second:
        await record(school.student, school.classmate)
        assert (await first.next_event())[1]["seq"] == 2
        assert (await second.next_event())[1]["seq"] == 1


async def test_the_official_client_is_served(
    world: World, realtime_url: str, tokens: Tokens, record: Record
) -> None:
    student = world.districts[0].schools[0].student

    def listen() -> tuple[list[object], dict[str, object]]:
        with socketio.SimpleClient() as client:
            client.connect(realtime_url, auth={"token": tokens.of(student)}, transports=["websocket"])
            asyncio.run_coroutine_threadsafe(record(student), loop).result(20)
            return client.receive(20), client.call("sync", {"after_seq": 0}, 20)

    loop = asyncio.get_running_loop()
    event, answer = await asyncio.to_thread(listen)
    assert event[0] == "grade:updated"
    assert answer["ok"] is True
