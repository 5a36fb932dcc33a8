"""Limits: fair, told in advance, and never a reason to refuse anybody because Redis is away."""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import redis
import structlog
import time_machine
from fastapi import FastAPI
from redis.asyncio import ConnectionPool

from api.main import create_app
from api.rate_limit_storage import SharedWindows
from api.rate_limits import POLICIES, Bucket, SharedRateLimiter
from core.config import Settings
from core.ids import new_id
from core.keys import KeyRing
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import DistrictBench, World
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
        "sign_ins_per_minute": PER_MINUTE,
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
        refused = await limiter.hit(Bucket.DEFAULT, who)
        assert (refused.is_over, refused.left) == (True, 0)
        now.shift(refused.seconds)
        assert not (await limiter.hit(Bucket.DEFAULT, who)).is_over


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
    with time_machine.travel(1_800_000_010):  # not near the turn of a minute
        standings = [await limiter.hit(Bucket.DEFAULT, who) for _ in range(PER_MINUTE + 1)]
    assert [standing.left for standing in standings] == [4, 3, 2, 1, 0, 0]
    assert [standing.is_over for standing in standings] == [False] * PER_MINUTE + [True]
    assert time.monotonic() - started < 2
    await limiter.close()


async def test_an_outage_of_redis_is_one_line_in_the_log_and_its_end_another(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.rate_limits.BREAKER_SECONDS", 0.0)  # ask Redis again at every request
    limiter = SharedRateLimiter(settings)
    living, limiter._shared = limiter._shared, SharedWindows(*closed_redis())
    with structlog.testing.capture_logs() as lines:
        for _ in range(3):
            await limiter.hit(Bucket.DEFAULT, str(new_id()))
        limiter._shared = living
        for _ in range(3):
            await limiter.hit(Bucket.DEFAULT, str(new_id()))
    assert [line["event"] for line in lines] == ["rate_limits_local", "rate_limits_shared_again"]
    await limiter.close()


def closed_redis() -> tuple[str, ConnectionPool]:
    url = "redis://127.0.0.1:1/0"
    return url, ConnectionPool.from_url(url, socket_connect_timeout=0.05)


async def test_redis_is_asked_once_for_a_request(settings: Settings) -> None:
    limiter = SharedRateLimiter(settings)
    who = str(new_id())
    await limiter.hit(Bucket.DEFAULT, who)  # loads the script
    with redis.Redis.from_url(settings.redis_url) as client:
        asked = [await _calls_of_five_hits(limiter, who, client) for _ in range(5)]
    await limiter.close()
    assert min(asked) == 5  # the counter is the whole server's, and other tests may ask meanwhile


async def _calls_of_five_hits(limiter: SharedRateLimiter, who: str, client: "redis.Redis[bytes]") -> int:
    before = _calls(client)
    for _ in range(5):
        await limiter.hit(Bucket.DEFAULT, who)
    return _calls(client) - before


def _calls(client: "redis.Redis[bytes]") -> int:
    """Scripts and commands that clients sent; what a script does inside Redis is counted elsewhere."""
    counts: dict[str, dict[str, int]] = client.info("commandstats")
    return sum(counts.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("evalsha", "eval"))


async def test_a_new_window_has_its_whole_minute_before_it(settings: Settings) -> None:
    limiter = SharedRateLimiter(settings.model_copy(update={"rate_limit_per_minute": PER_MINUTE}))
    who = str(new_id())
    standings = [await limiter.hit(Bucket.DEFAULT, who) for _ in range(PER_MINUTE + 1)]
    assert [standing.left for standing in standings] == [4, 3, 2, 1, 0, 0]
    assert all(58 <= standing.seconds <= 60 for standing in standings[:-1])
    assert (
        70 <= standings[-1].seconds <= 72
    )  # the minute, and the time until the first of five counts no more
    await limiter.close()


async def test_every_answer_says_how_one_stands(strict: Api, bench: DistrictBench) -> None:
    client = strict.signed_in(bench.schools[0].student)
    answers = [await client.get(ME) for _ in range(PER_MINUTE + 1)]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"default";q=5;w=60'}
    standings = [
        re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["RateLimit"]) for answer in answers
    ]
    assert [int(standing[1]) for standing in standings if standing] == [4, 3, 2, 1, 0, 0]
    assert all(standing and 1 <= int(standing[2]) <= 72 for standing in standings)
    assert answers[-1].status_code == 429
    assert answers[-1].headers["RateLimit"].endswith(f";t={answers[-1].headers['Retry-After']}")


async def test_refusals_say_how_one_stands_too(strict: Api, bench: DistrictBench) -> None:
    client = strict.signed_in(bench.schools[0].teacher)
    forbidden = await client.get("/api/v1/auth/invitations")
    missing = await client.get(f"/api/v1/classes/{new_id()}")
    malformed = await client.get("/api/v1/classes/x")
    assert [forbidden.status_code, missing.status_code, malformed.status_code] == [403, 404, 422]
    assert [answer.headers["RateLimit"].split(";")[1] for answer in (forbidden, missing, malformed)] == [
        "r=4",
        "r=3",
        "r=2",
    ]


async def test_what_is_not_counted_says_nothing_of_limits(strict: Api) -> None:
    alive, unknown = await strict.anonymous.get("/healthz"), await strict.anonymous.get("/nowhere")
    for answer in (alive, unknown):
        assert "RateLimit" not in answer.headers


@pytest.mark.parametrize("bucket", Bucket)
def test_every_bucket_has_a_policy_whose_quota_is_a_setting(bucket: Bucket) -> None:
    policy = POLICIES[bucket]
    assert Settings.model_fields[policy.setting].annotation is int
    assert policy.window(1).get_expiry() in {60, 3600}
