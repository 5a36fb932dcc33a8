"""Codes with a number of uses, and students who try codes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.classes.code_guesses import CodeGuesses
from api.main import create_app
from core.config import Settings
from core.ids import new_id
from core.keys import KeyRing
from core.models import EnrollmentStatus, User
from tests.api.envelopes import data_of, fields_of, refusal_of
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock

CLASSES = "/api/v1/classes"


async def rotated(api: Api, school: SchoolBench, max_uses: int | None = None) -> dict[str, Any]:
    url = f"{CLASSES}/{school.school_class.id}/code"
    shown: dict[str, Any] = data_of(
        await api.signed_in(school.teacher).post(url, json={"max_uses": max_uses})
    )
    return shown


async def join(api: Api, student: User, code: str) -> int:
    answer = await api.signed_in(student).post(f"{CLASSES}/join", json={"code": code})
    return answer.status_code


def places_in(rows: Session, school: SchoolBench) -> int:
    statement = text("SELECT count(*) FROM app.class_enrollments WHERE class_id = :id AND status = 'pending'")
    return int(rows.execute(statement, {"id": school.school_class.id}).scalar_one())


async def test_of_twenty_who_join_at_once_with_a_code_for_five_exactly_five_get_a_place(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    code = (await rotated(api, school, 5))["code"]
    before = places_in(rows, school)
    students = [make_student(rows, school.school) for _ in range(20)]
    answers = await asyncio.gather(*(join(api, student, code) for student in students))
    assert sorted(answers) == [201] * 5 + [404] * 15
    assert places_in(rows, school) == before + 5
    shown = data_of(await api.signed_in(school.teacher).get(f"{CLASSES}/{school.school_class.id}"))
    assert (shown["code_uses"], shown["code_max_uses"]) == (5, 5)


async def test_a_used_up_code_is_like_none_wherever_it_is_shown(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    code = (await rotated(api, school, 1))["code"]
    assert await join(api, make_student(rows, school.school), code) == 201
    student = api.signed_in(school.other_student)
    refusal_of(await student.post(f"{CLASSES}/join", json={"code": code}), 404, "invalid_class_code")
    assert data_of(await student.get(f"{CLASSES}/codes/{code}")) == {"valid": False, "class_name": None}
    body = {
        "name": "Ana",
        "email": f"{new_id().hex}@school.example",
        "password": "plum-harbor-lantern-42",
        "grade_level": 9,
        "birth_date": "2010-05-01",
        "class_code": code,
    }
    answer = await api.anonymous.post("/api/v1/auth/register/student", json=body)
    refusal_of(answer, 404, "invalid_class_code")


async def test_registering_with_the_code_counts_too(api: Api, school: SchoolBench) -> None:
    code = (await rotated(api, school, 2))["code"]
    body = {
        "name": "Ana",
        "email": f"{new_id().hex}@school.example",
        "password": "plum-harbor-lantern-42",
        "grade_level": 9,
        "birth_date": "2010-05-01",
        "class_code": code,
    }
    assert (await api.anonymous.post("/api/v1/auth/register/student", json=body)).status_code == 202
    shown = data_of(await api.signed_in(school.teacher).get(f"{CLASSES}/{school.school_class.id}"))
    assert shown["code_uses"] == 1


async def test_asking_again_is_no_second_use(api: Api, school: SchoolBench, rows: Session) -> None:
    code = (await rotated(api, school, 3))["code"]
    rejected = make_student(rows, school.school)
    make_enrollment(rows, school.school_class, rejected, EnrollmentStatus.REJECTED)
    for student in (school.student, school.newcomer, rejected, school.other_student, school.other_student):
        assert await join(api, student, code) == 201
    shown = data_of(await api.signed_in(school.teacher).get(f"{CLASSES}/{school.school_class.id}"))
    assert shown["code_uses"] == 1


async def test_a_new_code_is_counted_from_nothing(api: Api, school: SchoolBench, rows: Session) -> None:
    used_up = (await rotated(api, school, 1))["code"]
    assert await join(api, make_student(rows, school.school), used_up) == 201
    fresh = await rotated(api, school, 1)
    assert (fresh["code_uses"], fresh["code_max_uses"]) == (0, 1)
    assert await join(api, make_student(rows, school.school), used_up) == 404
    assert await join(api, make_student(rows, school.school), fresh["code"]) == 201
    assert (await rotated(api, school))["code_max_uses"] is None


async def test_how_often_a_code_was_used_concerns_staff_only(api: Api, school: SchoolBench) -> None:
    await rotated(api, school, 7)
    url = f"{CLASSES}/{school.school_class.id}"
    of_the_code = ("code", "code_expires_at", "code_max_uses", "code_uses")
    hidden, seen = [data_of(await api.signed_in(user).get(url)) for user in (school.student, school.admin)]
    assert [hidden[name] for name in of_the_code] == [None] * 4
    assert None not in [seen[name] for name in of_the_code]


async def test_a_code_for_nobody_is_no_code(api: Api, school: SchoolBench) -> None:
    url = f"{CLASSES}/{school.school_class.id}/code"
    for wrong in (0, -1, 10_001, "many"):
        answer = await api.signed_in(school.teacher).post(url, json={"max_uses": wrong})
        assert fields_of(answer) == ["max_uses"]


@pytest_asyncio.fixture(loop_scope="session")
async def strict(settings: Settings, keys: KeyRing, app: FastAPI) -> AsyncIterator[Api]:
    """The application as it is installed: ten wrong codes an hour."""
    own = settings.model_copy(update={"class_code_guesses_per_hour": 10})
    limited = create_app(own, clock=app.state.clock)
    limited.state._state.update(app.state._state)
    limited.state.code_guesses = CodeGuesses(own)
    yield Api(limited, own, keys)
    await limited.state.code_guesses.close()


async def test_after_ten_wrong_codes_not_even_the_right_one_is_looked_at(
    strict: Api, school: SchoolBench
) -> None:
    student = strict.signed_in(school.other_student)
    for _ in range(5):
        assert data_of(await student.get(f"{CLASSES}/codes/NOSUCHCODE"))["valid"] is False
        answer = await student.post(f"{CLASSES}/join", json={"code": "NOSUCHCODE"})
        refusal_of(answer, 404, "invalid_class_code")
    code = school.school_class.code
    for refused in (
        await student.get(f"{CLASSES}/codes/{code}"),
        await student.post(f"{CLASSES}/join", json={"code": code}),
    ):
        refusal_of(refused, 429, "too_many_requests")
        assert 3500 <= int(refused.headers["Retry-After"]) <= 3600
    assert await join(strict, school.classmate, code) == 201


async def test_of_fifty_guesses_at_once_ten_are_looked_at(strict: Api, school: SchoolBench) -> None:
    answers = await asyncio.gather(
        *(join(strict, school.other_student, f"WRNG{number}") for number in range(50))
    )
    assert sorted(answers) == [404] * 10 + [429] * 40


async def test_right_codes_are_not_counted(strict: Api, school: SchoolBench) -> None:
    student = strict.signed_in(school.other_student)
    for _ in range(15):
        assert data_of(await student.get(f"{CLASSES}/codes/{school.school_class.code}"))["valid"] is True


async def test_an_hour_later_one_may_try_again(
    strict: Api, school: SchoolBench, clock: StandingClock
) -> None:
    for _ in range(11):
        last = await join(strict, school.other_student, "NOSUCHCODE")
    assert last == 429
    clock.advance(timedelta(minutes=61))
    assert await join(strict, school.other_student, school.school_class.code) == 201


async def test_without_redis_wrong_codes_are_counted_here(
    settings: Settings, keys: KeyRing, app: FastAPI, school: SchoolBench
) -> None:
    own = settings.model_copy(
        update={
            "class_code_guesses_per_hour": 3,
            "redis_url": "redis://127.0.0.1:1/0",
            "redis_timeout_ms": 50,
        }
    )
    alone = create_app(own, clock=app.state.clock)
    alone.state._state.update(app.state._state)
    alone.state.code_guesses = CodeGuesses(own)
    api = Api(alone, own, keys)
    answers = [await join(api, school.other_student, "NOSUCHCODE") for _ in range(4)]
    await alone.state.code_guesses.close()
    assert answers == [404, 404, 404, 429]
