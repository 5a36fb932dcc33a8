"""Nobody learns from an answer, or from its time, whether an address is known."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.keys import KeyRing
from core.passwords import hash_password
from tests.factories.user import PASSWORD, make_identity
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

AUTH = "/api/v1/auth"
ROUNDS = 60
SAMPLES = 3
"""Another process on this machine may take the processor for a while: the quietest of so many series counts."""
TOLERANCE = 0.20
PER_REQUEST = {"x-request-id", "date", "ratelimit"}
"""Headers that differ from one request to the next, whoever asks."""

Ask = Callable[[str], dict[str, Any]]


def registration(school: SchoolBench) -> Ask:
    return lambda email: {
        "name": "Ana Quillfeather",
        "email": email,
        "password": "plum-harbor-lantern-42",
        "grade_level": 9,
        "birth_date": "2010-05-01",
        "class_code": school.school_class.code,
    }


def question_of(route: str, school: SchoolBench) -> Ask:
    """What one asks a route about an address."""
    if route == "/register/student":
        return registration(school)
    if route == "/login":
        return lambda email: {"email": email, "password": "not-the-password-at-all"}
    return lambda email: {"email": email}


def unknown_address() -> str:
    return f"{new_id().hex}@example.org"


@pytest_asyncio.fixture
async def known_addresses(rows: Session, keys: KeyRing, school: SchoolBench) -> list[str]:
    """Of people whose passwords are hashed at the product's own cost, unlike the factories'."""
    people = [school.student, school.other_student, school.teacher, school.other_teacher, school.admin]
    addresses = [make_identity(rows, user, keys) for user in people]
    costly = text("UPDATE auth.identities SET password_hash = :hash WHERE user_id = ANY(:people)")
    hashed = await hash_password(PASSWORD)
    rows.execute(costly, {"hash": hashed, "people": [user.id for user in people]})
    return addresses


ROUTES = ["/login", "/password/forgot", "/register/student", "/verify-email/resend"]


@pytest.mark.parametrize("route", ROUTES)
async def test_a_known_and_an_unknown_address_get_the_same_answer(
    api: Api, school: SchoolBench, known_addresses: list[str], route: str
) -> None:
    ask = question_of(route, school)
    known = await api.anonymous.post(AUTH + route, json=ask(known_addresses[0]))
    unknown = await api.anonymous.post(AUTH + route, json=ask(unknown_address()))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert headers_of(known) == headers_of(unknown)
    assert known.status_code == (401 if route == "/login" else 202)


@pytest.mark.parametrize("route", ROUTES)
async def test_a_known_and_an_unknown_address_take_the_same_time(
    api: Api, school: SchoolBench, keys: KeyRing, known_addresses: list[str], route: str
) -> None:
    ask = question_of(route, school)
    differences = []
    for _ in range(SAMPLES):
        differences.append(await difference(api, AUTH + route, ask, known=known_addresses, keys=keys))
        if differences[-1] <= TOLERANCE:
            break
    assert min(differences) <= TOLERANCE, differences


async def difference(api: Api, url: str, ask: Ask, *, known: list[str], keys: KeyRing) -> float:
    """By how much the medians of two interleaved series differ, as a part of the larger one."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(ROUNDS):
        for is_known in (True, False) if number % 2 else (False, True):
            email = known[number % len(known)] if is_known else unknown_address()
            await api.app.state.guesses.forget(
                keys.email_index(email)
            )  # else a back-off would answer, at once
            times[is_known].append(await seconds(api, url, ask(email)))
    one, other = median(times[True]), median(times[False])
    return abs(one - other) / max(one, other)


async def seconds(api: Api, url: str, body: dict[str, Any]) -> float:
    begun = time.perf_counter()
    await api.anonymous.post(url, json=body)
    return time.perf_counter() - begun


def headers_of(answer: httpx2.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.lower() not in PER_REQUEST}
