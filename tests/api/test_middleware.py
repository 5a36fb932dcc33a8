"""What surrounds every request: the id, the limit of a body, the headers, the browser's questions."""

import json
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from api.main import create_app
from api.middleware import MAXIMUM_BODY_BYTES
from core.config import Settings
from core.logs import configure_logs
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


async def test_answers_are_inert_in_a_browser(api: Api) -> None:
    answer = await api.anonymous.get("/healthz")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_may_run_our_scripts_and_be_framed_by_nobody(api: Api, page: str) -> None:
    policy = (await api.anonymous.get(page)).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy


async def test_browsers_are_told_to_insist_on_https_where_the_api_has_it(
    api: Api, settings: Settings, app: FastAPI
) -> None:
    safe = settings.model_copy(update={"issuer": "https://api.homeroom.example"})
    over_https = Api(create_app(safe, clock=app.state.clock), safe, app.state.keys.ring(app.state.clock()))
    answer = await over_https.anonymous.get("/healthz")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Strict-Transport-Security" not in (await api.anonymous.get("/healthz")).headers


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]
)
async def test_what_does_not_call_itself_json_is_415(api: Api, content_type: str) -> None:
    body = b'{"email": "a@b.example", "password": "x"}'
    answer = await api.anonymous.post(
        "/api/v1/auth/login", content=body, headers={"Content-Type": content_type} if content_type else {}
    )
    refusal_of(answer, 415, "unsupported_media_type")


async def test_limits_may_be_read_by_our_own_pages(api: Api) -> None:
    answer = await api.anonymous.get("/metrics", headers={"Origin": "http://localhost:3000"})
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy"} <= exposed


async def test_a_request_is_one_line_with_its_route_and_who_asked_and_nothing_of_the_path(
    api: Api, shared_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO")
    school = shared_world.districts[0].schools[0]
    path = f"/api/v1/classes/{school.school_class.id}?q=secret"
    answer = await api.signed_in(school.teacher).get(path)
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert line.pop("duration_ms") > 0
    line.pop("timestamp")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/api/v1/classes/{class_id}",
        "status": 200,
        "request_id": answer.headers["X-Request-ID"],
        "user_id": str(school.teacher.id),
        "district_id": str(school.teacher.district_id),
    }


async def test_the_next_request_is_not_logged_under_the_name_of_the_last(
    api: Api, shared_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("INFO")
    await api.signed_in(shared_world.districts[0].admin).get("/api/v1/users/me")
    await api.anonymous.get("/api/v1/users/me")
    first, second = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert "user_id" in first
    assert (second["status"], "user_id" in second) == (401, False)


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
