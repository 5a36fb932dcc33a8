"""What surrounds every request: the id, the limit of a body, the headers, the browser's questions."""

from collections.abc import AsyncIterator

from api.middleware import MAXIMUM_BODY_BYTES
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import World
from tests.fixtures.web import Api

JSON = {"Content-Type": "application/json"}


async def test_every_answer_has_its_own_id_and_stays_out_of_caches(api: Api) -> None:
    first, second = await api.anonymous.get("/healthz"), await api.anonymous.get("/nowhere")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    for answer in (first, second):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_a_body_beyond_the_limit_is_413(api: Api, shared_world: World) -> None:
    teacher = api.signed_in(shared_world.districts[0].schools[0].teacher)
    body = b'{"name": "' + b"a" * MAXIMUM_BODY_BYTES + b'"}'
    answer = await teacher.post("/api/v1/classes", content=body, headers=JSON)
    refusal_of(answer, 413, "too_large")


async def test_a_body_that_hides_its_length_is_counted_as_it_arrives(api: Api, shared_world: World) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 65_536
            yield b" " * 65_536

    teacher = api.signed_in(shared_world.districts[0].schools[0].teacher)
    answer = await teacher.post("/api/v1/classes", content=pieces(), headers=JSON)
    refusal_of(answer, 413, "too_large")
    assert answer.headers["X-Request-ID"]


async def test_a_body_just_below_the_limit_is_read(api: Api, shared_world: World) -> None:
    teacher = api.signed_in(shared_world.districts[0].schools[0].teacher)
    body = b'{"name": "A", "subject": ""' + b" " * (MAXIMUM_BODY_BYTES - 40) + b"}"
    answer = await teacher.post("/api/v1/classes", content=body, headers=JSON)
    assert refusal_of(answer, 422)["field"] == "subject"


async def test_only_our_own_pages_may_call_from_a_browser(api: Api) -> None:
    ours = await api.anonymous.get("/healthz", headers={"Origin": "http://localhost:3000"})
    theirs = await api.anonymous.get("/healthz", headers={"Origin": "https://evil.example"})
    assert ours.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "Access-Control-Allow-Origin" not in theirs.headers


async def test_a_browser_may_ask_before_it_sends_a_key(api: Api) -> None:
    answer = await api.anonymous.options(
        "/api/v1/classes",
        headers={
            "Origin": "http://localhost:3000",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,idempotency-key,content-type",
        },
    )
    assert answer.status_code == 200
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]


async def test_the_description_of_the_api_is_public_and_complete(api: Api) -> None:
    description = (await api.anonymous.get("/openapi.json")).json()
    assert description["info"]["title"] == "Homeroom"
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), f"{method} {path}"
    assert (await api.anonymous.get("/docs")).status_code == 200


async def test_metrics_are_in_the_format_of_prometheus(api: Api) -> None:
    answer = await api.anonymous.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "# TYPE" in answer.text


async def test_it_is_alive_and_ready(api: Api) -> None:
    assert data_of(await api.anonymous.get("/healthz")) == {"status": "alive"}
    assert data_of(await api.anonymous.get("/readyz")) == {"status": "ready"}
