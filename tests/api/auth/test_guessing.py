"""Guessing a password: slow for a stranger, no obstacle for the owner, and silent about who is known."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
import structlog

from api.auth.devices import DEVICE_DAYS, issue_device_token, known_device
from api.auth.errors import InvalidCredentialsError
from api.auth.guess_counts import LocalCounts
from api.auth.guessing import ACCOUNT, Guess, GuessGuard, TooManyGuessesError
from core.config import Settings
from core.errors import UnavailableError
from core.ids import new_id
from core.keys import KeyRing

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def hung_redis() -> Iterator[str]:
    """Accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest_asyncio.fixture(params=["shared", "local", "hung"])
async def guard(
    request: pytest.FixtureRequest, settings: Settings, hung_redis: str
) -> AsyncIterator[GuessGuard]:
    """Every rule holds with Redis, without it, and while it hangs."""
    change = {
        "shared": {"redis_timeout_ms": 10_000},  # a busy machine must not make it count locally
        "local": {"redis_url": ""},
        "hung": {"redis_url": hung_redis, "redis_timeout_ms": 50},
    }
    guard = GuessGuard(settings.model_copy(update=change[request.param]))
    yield guard
    await guard.close()


@pytest_asyncio.fixture
async def shared(settings: Settings) -> AsyncIterator[GuessGuard]:
    guard = GuessGuard(settings)
    yield guard
    await guard.close()


@pytest_asyncio.fixture
async def as_delivered(settings: Settings) -> AsyncIterator[GuessGuard]:
    """With the limit per address that an installation has."""
    guard = GuessGuard(settings.model_copy(update={"failed_sign_ins_per_address": 1000}))
    yield guard
    await guard.close()


def guess_at(account: bytes | None = None, address: str | None = None, device: str | None = None) -> Guess:
    """A guess at an account and from an address nobody else in these tests has."""
    return Guess(account or new_id().bytes, address or str(new_id()), device)


async def fails(guard: GuessGuard, guess: Guess, now: datetime = NOW) -> bool:
    """Whether a wrong password was looked at."""
    looked = False
    with suppress(InvalidCredentialsError, TooManyGuessesError):
        async with guard.attempt(guess, now):
            looked = True
            refuse()
    return looked


def refuse() -> None:
    raise InvalidCredentialsError


async def succeeds(guard: GuessGuard, guess: Guess, now: datetime = NOW) -> bool:
    """Whether the right password was looked at."""
    try:
        async with guard.attempt(guess, now):
            return True
    except TooManyGuessesError:
        return False


async def looked_at(guard: GuessGuard, guess: Guess, *, every: timedelta, times: int) -> int:
    return sum([await fails(guard, guess, NOW + every * number) for number in range(times)])


async def test_of_ten_thousand_guesses_in_an_hour_at_most_twenty_are_looked_at(shared: GuessGuard) -> None:
    hour = timedelta(hours=1)
    assert 0 < await looked_at(shared, guess_at(), every=hour / 10_000, times=10_000) <= 20


async def test_in_a_later_hour_it_is_four(guard: GuessGuard) -> None:
    stranger = guess_at()
    for minutes in range(0, 300, 1):
        await fails(guard, stranger, NOW + timedelta(minutes=minutes))
    later = [await fails(guard, stranger, NOW + timedelta(minutes=300 + minutes)) for minutes in range(60)]
    assert sum(later) == 4


async def test_of_a_thousand_guesses_at_once_only_a_few_pass(guard: GuessGuard) -> None:
    stranger = guess_at()
    assert sum(await asyncio.gather(*[fails(guard, stranger) for _ in range(1000)])) <= ACCOUNT.free


async def test_from_many_addresses_it_is_one_account_all_the_same(guard: GuessGuard) -> None:
    account = new_id().bytes
    assert sum([await fails(guard, guess_at(account)) for _ in range(100)]) <= ACCOUNT.free


async def test_the_owner_signs_in_from_a_known_device_while_strangers_guess(guard: GuessGuard) -> None:
    account = new_id().bytes
    while await fails(guard, guess_at(account)):
        pass
    assert not await succeeds(guard, guess_at(account))
    assert await succeeds(guard, guess_at(account, device="own-laptop"))


async def test_a_known_device_has_a_count_of_its_own(guard: GuessGuard) -> None:
    stolen = guess_at(device="stolen-laptop")
    assert sum([await fails(guard, stolen) for _ in range(100)]) <= ACCOUNT.free
    assert await succeeds(guard, guess_at(stolen.email_index))


async def test_the_owner_of_a_known_device_does_not_give_strangers_new_guesses(guard: GuessGuard) -> None:
    account = new_id().bytes
    while await fails(guard, guess_at(account)):
        pass
    assert await succeeds(guard, guess_at(account, device="own-laptop"))
    assert not await fails(guard, guess_at(account))


async def test_success_begins_anew(guard: GuessGuard) -> None:
    person = guess_at()
    for _ in range(5):
        assert await fails(guard, person)
        assert await fails(guard, person)
        assert await succeeds(guard, person)


async def test_a_try_that_nobody_could_look_at_is_no_failure(guard: GuessGuard) -> None:
    guess = guess_at()
    for _ in range(20):
        with pytest.raises(UnavailableError):
            async with guard.attempt(guess, NOW):
                raise UnavailableError
    assert await fails(guard, guess), "looked at: the outage has cost no try"


async def test_whoever_waits_as_long_as_told_may_try_again(shared: GuessGuard) -> None:
    person = guess_at()
    for _ in range(ACCOUNT.free):
        assert await fails(shared, person)
    with pytest.raises(TooManyGuessesError) as refusal:
        async with shared.attempt(person, NOW):
            pytest.fail("the password was looked at")
    assert (refusal.value.status, refusal.value.code) == (429, "too_many_requests")
    assert refusal.value.retry_after == 30
    assert await succeeds(shared, person, NOW + timedelta(seconds=30))


async def test_a_reset_password_begins_anew(guard: GuessGuard) -> None:
    person = guess_at()
    while await fails(guard, person):
        pass
    await guard.forget(person.email_index)
    assert await succeeds(guard, person)


async def test_replicas_count_together(shared: GuessGuard, settings: Settings) -> None:
    other, stranger = GuessGuard(settings), guess_at()
    seen = [await fails(guard, stranger) for guard in [shared, other] * 10]
    await other.close()
    assert sum(seen) == ACCOUNT.free


async def test_a_replica_whose_clock_is_ahead_makes_nobody_wait(guard: GuessGuard) -> None:
    person = guess_at()
    assert await fails(guard, person, NOW + timedelta(seconds=5))
    assert await succeeds(guard, person, NOW)


async def test_a_school_behind_one_address_is_never_refused(as_delivered: GuessGuard) -> None:
    """Two thousand people at the bell, one in five of whom mistypes once."""
    school = str(new_id())
    for number in range(2000):
        person = guess_at(address=school)
        now = NOW + timedelta(milliseconds=150) * number
        if number % 5 == 0:
            assert await fails(as_delivered, person, now)
        assert await succeeds(as_delivered, person, now)


async def test_one_address_that_tries_many_accounts_is_slowed(as_delivered: GuessGuard) -> None:
    address, every = str(new_id()), timedelta(hours=1) / 3000
    seen = [
        await fails(as_delivered, guess_at(address=address), NOW + every * number) for number in range(3000)
    ]
    assert 1000 <= sum(seen) <= 1120
    known = guess_at(address=address, device="own-laptop")
    assert await succeeds(as_delivered, known, NOW + timedelta(hours=1))


async def test_without_redis_it_is_said_once_a_while(settings: Settings, hung_redis: str) -> None:
    guard = GuessGuard(settings.model_copy(update={"redis_url": hung_redis, "redis_timeout_ms": 50}))
    with structlog.testing.capture_logs() as logs:
        for _ in range(5):
            await fails(guard, guess_at())
    await guard.close()
    assert [line["event"] for line in logs] == ["guesses_counted_locally"]


async def test_the_local_counts_stay_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalCounts, "MOST", 3)
    counts = LocalCounts()
    for number in range(10):
        for _ in range(ACCOUNT.free):
            await counts.add(str(number), ACCOUNT, NOW)
    assert await counts.admit(["0"], ACCOUNT, NOW) == timedelta(0)
    assert await counts.admit(["9"], ACCOUNT, NOW) == ACCOUNT.first


def test_a_device_is_known_to_the_account_it_signed_in_to(keys: KeyRing) -> None:
    ada, ben = keys.email_index("ada@school.example"), keys.email_index("ben@school.example")
    token = issue_device_token(keys, ada, NOW)
    assert known_device(keys, ada, token, NOW) == token.partition(".")[0]
    assert known_device(keys, ben, token, NOW) is None


def test_a_device_is_forgotten_after_a_year_and_a_bit(keys: KeyRing) -> None:
    ada = keys.email_index("ada@school.example")
    token = issue_device_token(keys, ada, NOW)
    assert known_device(keys, ada, token, NOW + timedelta(days=DEVICE_DAYS)) is not None
    assert known_device(keys, ada, token, NOW + timedelta(days=DEVICE_DAYS, seconds=1)) is None


@pytest.mark.parametrize(
    "forged", [None, "", ".", "..", "a.b.c", "x" * 200, "\N{SNOWMAN}.1.x", "00.9999999999.AAAA"]
)
def test_a_made_up_device_token_is_no_device(keys: KeyRing, forged: str | None) -> None:
    assert known_device(keys, keys.email_index("ada@school.example"), forged, NOW) is None


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_device_token_is_no_device(keys: KeyRing, part: int) -> None:
    ada = keys.email_index("ada@school.example")
    parts = issue_device_token(keys, ada, NOW).split(".")
    parts[part] = ("1" if parts[part][0] != "1" else "2") + parts[part][1:]
    assert known_device(keys, ada, ".".join(parts), NOW) is None
