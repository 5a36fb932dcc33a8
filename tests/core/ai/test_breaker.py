"""When a provider is left alone, and when it is tried again."""

from contextlib import suppress

import pytest

from core.ai.breaker import FAILURES, PAUSE_SECONDS, Breaker
from core.ai.errors import ProviderRefusesError, ProviderUnavailableError


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.note_failure(ProviderUnavailableError())
    return breaker


def test_it_opens_after_failures_in_a_row(clock: Clock) -> None:
    with pytest.raises(ProviderUnavailableError) as raised:
        opened(clock).enter()
    assert raised.value.seconds_to_wait == PAUSE_SECONDS


def test_a_success_between_failures_keeps_it_closed(clock: Clock) -> None:
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.note_failure(ProviderUnavailableError())
        breaker.note_success()
        breaker.enter()


def test_after_the_pause_one_call_passes_and_the_others_wait(clock: Clock) -> None:
    breaker = opened(clock)
    clock.now += PAUSE_SECONDS
    breaker.enter()
    with pytest.raises(ProviderUnavailableError):
        breaker.enter()


def test_the_call_after_the_pause_closes_it_when_it_succeeds(clock: Clock) -> None:
    breaker = opened(clock)
    clock.now += PAUSE_SECONDS
    breaker.enter()
    breaker.note_success()
    breaker.enter()
    breaker.enter()


def test_the_call_after_the_pause_opens_it_again_when_it_fails(clock: Clock) -> None:
    breaker = opened(clock)
    clock.now += PAUSE_SECONDS
    breaker.enter()
    breaker.note_failure(ProviderUnavailableError())
    clock.now += PAUSE_SECONDS - 1
    with pytest.raises(ProviderUnavailableError):
        breaker.enter()


def test_an_unpaid_account_hears_from_us_at_most_three_times_a_minute(clock: Clock) -> None:
    breaker, calls = Breaker(clock), 0
    for _ in range(60):
        with suppress(ProviderRefusesError):
            breaker.enter()
            calls += 1
            breaker.note_failure(ProviderRefusesError("quota_exhausted"))
        clock.now += 1
    assert calls <= 3


def test_what_opened_it_is_what_callers_hear(clock: Clock) -> None:
    breaker = Breaker(clock)
    breaker.note_failure(ProviderRefusesError("quota_exhausted"))
    with pytest.raises(ProviderRefusesError) as raised:
        breaker.enter()
    assert raised.value.reason == "quota_exhausted"
