import asyncio
import time
import unicodedata
from pathlib import Path

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from core.passwords import (
    WeakPasswordError,
    check_strength,
    hash_password,
    needs_rehash,
    require_strength,
    verify_and_update,
    verify_password,
)
from core.tenancy import Role

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
        ("Homeroom2026", []),
    ],
)
def test_an_easily_guessed_password_is_refused(password: str, personal: list[str]) -> None:
    with pytest.raises(WeakPasswordError) as refusal:
        require_strength(password, personal, Role.STUDENT)
    assert refusal.value.field == "password"


@pytest.mark.parametrize(
    "password", [GOOD, "x9!kQ2#mZ7-teal", "correct horse battery staple", GOOD * 10, "пароль-сливы-гавань"]
)
def test_a_good_password_is_taken_in_any_length_and_script(password: str) -> None:
    require_strength(password, ["Grace Hopper", "grace@school.example"])


async def _seconds(password: str, stored: str | None) -> float:
    begun = time.perf_counter()
    await verify_password(password, stored)
    return time.perf_counter() - begun


@pytest.mark.parametrize(
    ("role", "shortest"), [(Role.STUDENT, 8), (Role.TEACHER, 15), (Role.ADMIN, 15)], ids=str
)
def test_staff_need_longer_passwords_than_children(role: Role, shortest: int) -> None:
    password = "zq7-Wv%x2!kPm_9rT"
    require_strength(password[:shortest], [], role)
    with pytest.raises(WeakPasswordError, match=f"{shortest} characters"):
        require_strength(password[: shortest - 1], [], role)


def test_length_is_counted_in_characters_of_one_spelling() -> None:
    apart = unicodedata.normalize("NFD", "é") * 4
    assert len(apart) == 8
    with pytest.raises(WeakPasswordError, match="too short"):
        require_strength(apart, [], Role.STUDENT)


@pytest.mark.parametrize(
    "password", ["trustno1", "TrustNo1", "ｔｒｕｓｔｎｏ１"], ids=["plain", "case", "wide"]
)
def test_a_password_of_leaked_lists_is_refused_in_any_spelling(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        require_strength(password, [], Role.STUDENT)


async def test_a_district_refuses_passwords_of_its_own(tmp_path: Path) -> None:
    listed = tmp_path / "refused.txt"
    listed.write_text(f"\nmaplewood-falcons-rule\n{GOOD.upper()}\n")
    with pytest.raises(WeakPasswordError):
        await check_strength(GOOD, [], Role.STUDENT, listed)
    await check_strength(GOOD + "!", [], Role.STUDENT, listed)
    await check_strength(GOOD, [], Role.STUDENT, None)


async def test_the_same_characters_from_another_keyboard_are_the_same_password() -> None:
    word = "crème-brûlée-lantern"
    stored = await hash_password(unicodedata.normalize("NFD", word))
    assert await verify_password(unicodedata.normalize("NFC", word), stored)


async def test_a_hash_of_older_parameters_is_renewed_when_the_password_was_right() -> None:
    old = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    assert await verify_and_update("wrong", old) == (False, None)
    is_right, renewed = await verify_and_update(GOOD, old)
    assert is_right
    assert renewed is not None
    assert not needs_rehash(renewed)
    assert await verify_and_update(GOOD, renewed) == (True, None)


async def test_an_account_without_a_password_costs_as_much_and_never_opens() -> None:
    stored = await hash_password(GOOD)
    real = [await _seconds("wrong", stored) for _ in range(7)]
    none = [await _seconds("wrong", "!") for _ in range(7)]
    assert 0.5 < sorted(none)[3] / sorted(real)[3] < 2
    assert not await verify_password("!", "!")
    assert await verify_and_update("", "!") == (False, None)
