"""Only a token we signed, for us, of the right kind and in its time opens a door."""

from datetime import timedelta

import pytest

from core.models import User
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import World
from tests.fixtures.web import Api, StandingClock

ME = "/api/v1/users/me"


@pytest.fixture
def teacher(shared_world: World) -> User:
    return shared_world.districts[0].schools[0].teacher


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


def _bytes(header: str | bytes) -> bytes:
    return header if isinstance(header, bytes) else header.encode()
