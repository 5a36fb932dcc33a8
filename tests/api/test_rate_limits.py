"""Limits: fair, told in advance, and never a reason to refuse anybody because Redis is away."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import time_machine
from fastapi import FastAPI

from api.main import create_app
from api.rate_limits import Bucket, SharedRateLimiter, TooManyRequestsError
from core.config import Settings
from core.ids import new_id
from core.keys import KeyRing
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import World
from tests.fixtures.web import Api

ME = "/api/v1/users/me"
PER_MINUTE = 5


@pytest_asyncio.fixture(loop_scope="session")
async def strict(settings: Settings, keys: KeyRing, app: FastAPI) -> AsyncIterator[Api]:
    """The application with limits of five a minute."""
    limits = {
        "rate_limit_per_minute": PER_MINUTE,
        "event_batches_per_minute": PER_MINUTE,
        "public_rate_limit_per_minute": PER_MINUTE,
    }
    own = settings.model_copy(update=limits)
    limited = create_app(own, clock=app.state.clock)
    limited.state._state.update(app.state._state)
    limited.state.limiter = SharedRateLimiter(own)
    yield Api(limited, own, keys)
    await limited.state.limiter.close()


async def test_over_the_limit_is_429_with_a_time_to_return(strict: Api, world: World) -> None:
    user, other = world.districts[0].schools[0].student, world.districts[0].schools[0].classmate
    client = strict.signed_in(user)
    for _ in range(PER_MINUTE):
        data_of(await client.get(ME))
    refused = await client.get(ME)
    refusal_of(refused, 429, "too_many_requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 72
    data_of(await strict.signed_in(other).get(ME))


async def test_the_limit_holds_for_requests_at_once(strict: Api, world: World) -> None:
    client = strict.signed_in(world.districts[0].admin)
    answers = await asyncio.gather(*(client.get(ME) for _ in range(20)))
    welcome = [answer.status_code for answer in answers].count(200)
    assert (
        PER_MINUTE <= welcome <= 2 * PER_MINUTE
    )  # twice: should Redis be slow, the process counts for itself
    assert {answer.status_code for answer in answers} == {200, 429}


async def test_clicks_have_a_bucket_of_their_own(strict: Api, world: World) -> None:
    client = strict.signed_in(world.districts[0].schools[0].teacher)
    for _ in range(PER_MINUTE + 1):
        await client.get(ME)
    assert (await client.get(ME)).status_code == 429
    for _ in range(PER_MINUTE):
        data_of(await client.post("/api/v1/events", json={"events": [{}]}))
    refusal_of(await client.post("/api/v1/events", json={"events": [{}]}), 429, "too_many_requests")


async def test_a_refused_role_is_counted_too(strict: Api, world: World) -> None:
    client = strict.signed_in(world.districts[1].schools[0].student)
    codes = [(await client.get("/api/v1/auth/invitations")).status_code for _ in range(PER_MINUTE + 1)]
    assert codes == [403] * PER_MINUTE + [429]


async def test_guessing_passwords_is_slowed_by_address(strict: Api) -> None:
    login = {"email": "a@b.example", "password": "guess"}
    codes = [
        (await strict.anonymous.post("/api/v1/auth/login", json=login)).status_code
        for _ in range(PER_MINUTE + 3)
    ]
    assert codes[-1] == 429
    assert data_of(await strict.anonymous.get("/healthz"))["status"] == "alive"


async def test_who_waits_as_long_as_told_is_let_in_again(settings: Settings) -> None:
    limiter = SharedRateLimiter(
        settings.model_copy(update={"redis_url": "", "rate_limit_per_minute": PER_MINUTE})
    )
    who = str(new_id())
    with time_machine.travel(1_800_000_010, tick=False) as now:
        for _ in range(PER_MINUTE):
            await limiter.hit(Bucket.DEFAULT, who)
        with pytest.raises(TooManyRequestsError) as refusal:
            await limiter.hit(Bucket.DEFAULT, who)
        now.shift(refusal.value.retry_after or 0)
        await limiter.hit(Bucket.DEFAULT, who)


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The address of a Redis that accepts a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.parametrize("kind", ["closed", "silent"])
async def test_without_redis_each_process_counts_by_itself_and_quickly(
    settings: Settings, black_hole: str, kind: str
) -> None:
    url = "redis://127.0.0.1:1/0" if kind == "closed" else black_hole
    limiter = SharedRateLimiter(
        settings.model_copy(update={"redis_url": url, "rate_limit_per_minute": PER_MINUTE})
    )
    who, started = str(new_id()), time.monotonic()
    for _ in range(PER_MINUTE):
        await limiter.hit(Bucket.DEFAULT, who)
    with pytest.raises(TooManyRequestsError):
        await limiter.hit(Bucket.DEFAULT, who)
    assert time.monotonic() - started < 2
    await limiter.close()
