"""A socket lives as long as its tokens."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from core.models import UserStatus
from tests.factories.user import make_student
from tests.factories.world import World
from tests.realtime.conftest import Record, Tokens
from tests.realtime.socket_client import SocketClient


async def test_a_socket_is_warned_and_ends_with_its_token(
    world: World, realtime_url: str, tokens: Tokens, record: Record
) -> None:
    student = world.districts[0].schools[0].student
    async with SocketClient(realtime_url, tokens.of(student, seconds_left=4)) as client:
        name, data = await client.next_event()
        assert name == "session:expiring"
        assert "expires_at" in data
        await asyncio.wait_for(client.closed.wait(), 20)
        assert client.was_told_to_leave
        await record(student)
        assert client.events.empty()


async def test_the_warning_comes_a_minute_before_the_end_and_once(
    world: World, realtime_url: str, tokens: Tokens
) -> None:
    student = world.districts[0].schools[0].student
    async with SocketClient(realtime_url, tokens.of(student, seconds_left=64)) as client:
        with pytest.raises(TimeoutError):
            await client.next_event(1.0)
        assert (await client.next_event())[0] == "session:expiring"
        with pytest.raises(TimeoutError):
            await client.next_event(1.5)


async def test_the_warning_concerns_one_socket_only(world: World, realtime_url: str, tokens: Tokens) -> None:
    student = world.districts[0].schools[0].student
    async with (
        SocketClient(realtime_url, tokens.of(student, seconds_left=30)) as short,
        SocketClient(realtime_url, tokens.of(student)) as long,
    ):
        await short.next_event()
        assert await long.hears_nothing_more()


async def test_a_refreshed_socket_lives_on(
    world: World, realtime_url: str, tokens: Tokens, record: Record
) -> None:
    student = world.districts[0].schools[0].student
    async with SocketClient(realtime_url, tokens.of(student, seconds_left=4)) as client:
        assert (await client.next_event())[0] == "session:expiring"
        answer = await client.ask("session:refresh", {"token": tokens.of(student)})
        assert answer["ok"] is True
        await asyncio.sleep(4.5)
        assert not client.closed.is_set()
        await record(student)
        assert (await client.next_event())[0] == "grade:updated"


async def test_another_persons_or_a_bad_token_does_not_refresh(
    world: World, realtime_url: str, tokens: Tokens
) -> None:
    school = world.districts[0].schools[0]
    others = [school.classmate, school.teacher, world.districts[1].schools[0].student]
    bad = [tokens.of(user) for user in others] + [tokens.of(school.student, seconds_left=-1), "a.b.c", ""]
    async with SocketClient(realtime_url, tokens.of(school.student, seconds_left=300)) as client:
        answers = [await client.ask("session:refresh", {"token": token}) for token in bad]
        assert {answer["error"]["code"] for answer in answers} == {"invalid_token"}
        assert (await client.ask("sync", {"after_seq": 1}))["ok"] is True


async def test_a_closed_account_does_not_refresh(
    world: World, connected: Callable[..., SocketClient], tokens: Tokens, rows: Session
) -> None:
    student = make_student(rows, world.districts[0].schools[0].school)
    async with connected(student) as client:
        student.status = UserStatus.DISABLED
        rows.flush()
        answer = await client.ask("session:refresh", {"token": tokens.of(student)})
    assert answer["error"]["code"] == "invalid_token"
