"""Whatever goes wrong, the client gets the envelope, a stable code, and nothing of our insides."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from api.deps import Db
from api.main import create_app
from core.config import Settings
from core.db import Database
from core.emit import emitter_for
from core.errors import UnavailableError
from core.keys import KeyRing
from tests.api.envelopes import data_of, fields_of, refusal_of
from tests.factories.world import SchoolBench, World
from tests.fixtures.web import Api

CLASSES = "/api/v1/classes"
JSON = {"Content-Type": "application/json"}

VIOLATIONS = {
    "unique": ("INSERT INTO app.concepts (district_id, id, subject, name) SELECT district_id, id, subject, name"
               " FROM app.concepts LIMIT 1", 409),
    "foreign key": ("INSERT INTO app.question_concepts (district_id, school_id, question_id, concept_id)"
                    " SELECT district_id, school_id, question_id, gen_random_uuid() FROM app.question_concepts"
                    " LIMIT 1", 404),
    "check": ("UPDATE app.questions SET points = -1", 422),
    "not null": ("UPDATE app.questions SET prompt = NULL", 422),
    "number out of range": ("SELECT 1e300::numeric(10, 4)", 422),
    "row security": ("UPDATE app.questions SET district_id = gen_random_uuid()", 500),
    "no such table": ("SELECT * FROM app.secrets_of_state", 500),
    "cancelled": ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", 503),
}  # fmt: skip


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def faulty(settings: Settings, keys: KeyRing, app: FastAPI) -> Api:
    """The application with three more routes that go wrong; it borrows the started one's stores."""
    broken = create_app(settings, clock=app.state.clock)
    broken.state._state.update(app.state._state)

    @broken.post("/broken/{name}")
    async def violate(name: str, db: Db) -> None:
        for statement in VIOLATIONS[name][0].split("; "):
            await db.execute(text(statement))

    @broken.get("/crash")
    async def crash() -> None:
        raise ValueError("the password is plum-harbor")

    @broken.get("/busy")
    async def busy() -> None:
        raise UnavailableError

    return Api(broken, settings, keys)


@pytest.mark.parametrize("name", VIOLATIONS)
async def test_a_fault_of_the_database_never_shows_a_table_or_a_constraint(
    faulty: Api, shared_world: World, name: str
) -> None:
    teacher = faulty.signed_in(shared_world.districts[0].schools[0].teacher)
    answer = await teacher.post(f"/broken/{name}")
    refusal_of(answer, VIOLATIONS[name][1])
    for secret in ("app.", "uq_", "fk_", "ck_", "pk_", "concepts", "questions", "secrets_of_state", "SELECT"):
        assert secret not in answer.text


async def test_an_unexpected_error_is_500_with_an_id_to_report_and_nothing_else(faulty: Api) -> None:
    answer = await faulty.anonymous.get("/crash")
    refusal_of(answer, 500, "internal_error")
    assert "plum" not in answer.text
    assert len(answer.headers["X-Request-ID"]) == 32
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_busy_service_says_when_to_come_back(faulty: Api) -> None:
    answer = await faulty.anonymous.get("/busy")
    refusal_of(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


async def test_an_unknown_address_is_404_in_the_envelope(api: Api) -> None:
    for path in ("/", "/api/v1", "/api/v1/nothing", "/api/v2/classes"):
        refusal_of(await api.anonymous.get(path), 404, "not_found")


async def test_the_wrong_method_is_405_and_names_the_right_ones(api: Api) -> None:
    answer = await api.anonymous.put(CLASSES, json={})
    refusal_of(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) & {"GET", "POST"}


async def test_a_body_that_is_not_json_is_422_and_names_no_field(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    for body in (b"{", b"", b"name=Art", b'{"name": "Art",}'):
        answer = await teacher.post(CLASSES, content=body, headers=JSON)
        assert fields_of(answer) == [None]


HOSTILE_BODIES = {
    "nan": b'{"name": NaN, "subject": "Art"}',
    "infinity": b'{"name": "Art", "subject": "Art", "grade_level": Infinity}',
    "huge number": b'{"name": "Art", "subject": "Art", "grade_level": ' + b"9" * 5000 + b"}",
    "huge float": b'{"name": "Art", "subject": "Art", "grade_level": 1e999}',
    "deep nesting": b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nul": b'{"name": "A\\u0000rt", "subject": "Art"}',
    "lone surrogate": b'{"name": "A\\ud800rt", "subject": "Art"}',
    "lone surrogate as a key": b'{"name": "Art", "subject": "Art", "\\ud800": 1}',
    "not utf-8": b'{"name": "\xff\xfe", "subject": "Art"}',
    "a list": b"[]",
    "a string": b'"Art"',
    "null": b"null",
}


@pytest.mark.parametrize("name", HOSTILE_BODIES)
async def test_a_hostile_body_is_refused_politely(api: Api, shared_world: World, name: str) -> None:
    teacher = api.signed_in(shared_world.districts[0].schools[0].teacher)
    answer = await teacher.post(CLASSES, content=HOSTILE_BODIES[name], headers=JSON)
    assert answer.status_code in {400, 422}, answer.text
    refusal_of(answer, answer.status_code)


@pytest.mark.parametrize("text_value", ["A\x00B", "A\ud800B"], ids=["nul", "lone surrogate"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/login", {"email": "a@b.example", "password": "*"}),
        ("/auth/login", {"email": "*@b.example", "password": "x"}),
        ("/auth/refresh", {"refresh_token": "*"}),
        ("/auth/logout", {"refresh_token": "*"}),
        ("/auth/register/teacher",
         {"invitation_token": "*", "name": "N", "email": "a@b.example", "password": "plum-harbor-lantern-42"}),
        ("/auth/register/teacher",
         {"invitation_token": "x", "name": "N", "email": "a@b.example", "password": "plum-harbor-lantern-42*"}),
        ("/auth/register/student",
         {"name": "N", "email": "a@b.example", "password": "plum-harbor-lantern-42", "grade_level": 9,
          "birth_date": "2000-01-01", "class_code": "ABCD*"}),
    ],
)  # fmt: skip
async def test_no_text_a_stranger_sends_breaks_a_public_route(
    api: Api, text_value: str, path: str, body: dict[str, Any]
) -> None:
    sent = {
        key: value.replace("*", text_value) if isinstance(value, str) else value
        for key, value in body.items()
    }
    answer = await api.anonymous.post(f"/api/v1{path}", content=json.dumps(sent), headers=JSON)
    assert 400 <= answer.status_code < 500, answer.text
    refusal_of(answer, answer.status_code)


async def test_a_field_nobody_asked_for_is_refused_by_name(api: Api, school: SchoolBench) -> None:
    teacher = api.signed_in(school.teacher)
    for smuggled in ("district_id", "school_id", "teacher_id", "code", "id"):
        answer = await teacher.post(
            CLASSES, json={"name": "Art", "subject": "Art", smuggled: str(school.other_teacher.id)}
        )
        assert fields_of(answer) == [smuggled]


async def test_every_wrong_field_is_named_at_once(api: Api, school: SchoolBench) -> None:
    answer = await api.signed_in(school.teacher).post(CLASSES, json={"name": " ", "grade_level": 13})
    assert set(fields_of(answer)) == {"name", "subject", "grade_level"}


@pytest_asyncio.fixture(loop_scope="session")
async def without_database(settings: Settings, keys: KeyRing, app: FastAPI) -> AsyncIterator[Api]:
    """The application after PostgreSQL has gone away."""
    away = settings.model_copy(update={"database_url": "postgresql+psycopg://app_rw:x@127.0.0.1:1/none"})
    lonely = create_app(away, clock=app.state.clock)
    lonely.state._state.update(app.state._state)
    lonely.state.database = Database.from_settings(away, emitter_for(""))
    yield Api(lonely, away, keys)
    await lonely.state.database.close()


async def test_while_the_database_is_away_answers_are_503_with_a_time_to_return(
    without_database: Api, shared_world: World
) -> None:
    stranger = without_database.anonymous
    answers = [
        await without_database.signed_in(shared_world.districts[0].admin).get(CLASSES),
        await stranger.get("/readyz"),
        await stranger.post("/api/v1/auth/login", json={"email": "a@b.example", "password": "x"}),
    ]
    for answer in answers:
        refusal_of(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        assert "127.0.0.1" not in answer.text
    assert data_of(await stranger.get("/healthz"))["status"] == "alive"


async def test_an_id_is_read_in_any_of_its_spellings(api: Api, shared_world: World) -> None:
    school = shared_world.districts[0].schools[0]
    teacher = api.signed_in(school.teacher)
    class_id: UUID = school.school_class.id
    for spelling in (class_id.hex, str(class_id).upper(), f"{{{class_id}}}"):
        assert data_of(await teacher.get(f"{CLASSES}/{spelling}"))["id"] == str(class_id)
