import asyncio
import time

import pytest

from core.passwords import WeakPasswordError, hash_password, require_strength, verify_password

GOOD = "plum-harbor-lantern-42"


async def test_the_right_password_is_recognised_and_another_is_not() -> None:
    stored = await hash_password(GOOD)
    assert await verify_password(GOOD, stored)
    assert not await verify_password(GOOD + "x", stored)


async def test_nobody_can_sign_in_without_a_stored_hash() -> None:
    assert not await verify_password(GOOD, None)
    assert not await verify_password("", None)


async def test_the_hash_is_argon2id_of_the_chosen_cost() -> None:
    assert (await hash_password(GOOD)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_password_is_hashed_whole_however_long() -> None:
    long = "x" * 72 + "tail"
    stored = await hash_password(long)
    assert not await verify_password("x" * 72, stored)


async def test_an_unknown_address_costs_as_much_as_a_wrong_password() -> None:
    stored = await hash_password(GOOD)
    await verify_password("warm", None)
    known, unknown = [], []
    for _ in range(7):
        known.append(await _seconds("wrong", stored))
        unknown.append(await _seconds("wrong", None))
    assert 0.5 < sorted(unknown)[3] / sorted(known)[3] < 2


async def test_hashing_leaves_the_event_loop_free() -> None:
    task = asyncio.gather(*(hash_password(GOOD) for _ in range(4)))
    ticks = 0
    while not task.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert ticks > 5


@pytest.mark.parametrize(
    ("password", "personal"),
    [
        ("short-7", []),
        ("password1", []),
        ("aaaaaaaaaaaa", []),
        ("qwertyuiop", []),
        ("grace.hopper", ["Grace Hopper", "grace.hopper@school.example"]),
    ],
)
def test_an_easily_guessed_password_is_refused(password: str, personal: list[str]) -> None:
    with pytest.raises(WeakPasswordError) as refusal:
        require_strength(password, personal)
    assert refusal.value.field == "password"


@pytest.mark.parametrize(
    "password", [GOOD, "x9!kQ2#mZ7", "correct horse battery staple", GOOD * 10, "пароль-сливы-гавань"]
)
def test_a_good_password_is_taken_in_any_length_and_script(password: str) -> None:
    require_strength(password, ["Grace Hopper", "grace@school.example"])


async def _seconds(password: str, stored: str | None) -> float:
    begun = time.perf_counter()
    await verify_password(password, stored)
    return time.perf_counter() - begun
