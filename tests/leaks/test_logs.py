"""What the programs write about a busy day holds no name, address, password, token, code or anybody's words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy.orm import Session

from core.config import Settings
from core.keys import KeyRing
from core.models import User
from tests.factories.user import PASSWORD
from tests.factories.world import World, make_world
from tests.faults.server import ApiProcess
from tests.fixtures.web import Api
from tests.leaks.bench import fresh_values, own_values
from tests.leaks.operations import PUBLIC, Operation
from tests.realtime.conftest import running_realtime
from tests.realtime.socket_client import HandshakeRefusedError, SocketClient

CANARY = "CANARY-"
"""Begins every string of the factories."""

WORDS = f"{CANARY}typed-by-somebody"
HOME_ADDRESS = "203.0.113.77"
DEVICE = f"{CANARY}browser/1.0"
NEW_PASSWORD = "violet-anchor-mosaic-77"
CARELESS = {
    "User-Agent": DEVICE,
    "X-Forwarded-For": HOME_ADDRESS,
    "Referer": f"https://school.example/{WORDS}",
    "Cookie": f"homeroom_refresh={WORDS}",
    "Idempotency-Key": WORDS,
}
"""What browsers and proxies send along with every request."""


@pytest.fixture(scope="module")
def watched(rows: Session, keys: KeyRing) -> World:
    return make_world(rows, keys)


@pytest.fixture(scope="module")
def api_process(
    settings: Settings, keys: KeyRing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ApiProcess, Path]]:
    """The API as an operator would start it to find a fault: everything it can say, and a proxy it believes."""
    log = tmp_path_factory.mktemp("logs") / "api.log"
    process = ApiProcess(
        settings, log, HOMEROOM_LOG_LEVEL="DEBUG", HOMEROOM_TRUSTED_PROXIES='["127.0.0.0/8"]'
    )
    process.start()
    process.wait_until_ready()
    yield process, log
    process.kill()


async def test_the_log_of_the_api_holds_ids_and_codes_only(
    *, api_process: tuple[ApiProcess, Path], api: Api, watched: World, all_operations: list[Operation]
) -> None:
    process, log = api_process
    async with httpx2.AsyncClient(base_url=process.url, headers=CARELESS) as client:
        secrets = await _a_busy_day(client, api, watched, all_operations)
    written = log.read_text()
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert sum(line["event"] == "request" for line in lines) > 3 * len(all_operations)
    assert [secret for secret in secrets if secret.lower() in written.lower()] == []


async def _a_busy_day(
    client: httpx2.AsyncClient, api: Api, world: World, operations: list[Operation]
) -> set[str]:
    """Do all that can be done, well and badly; returns what must not be written about it."""
    district = world.districts[0]
    school = district.schools[0]
    secrets = {CANARY, PASSWORD, NEW_PASSWORD, HOME_ADDRESS, school.school_class.code}
    for operation in operations:
        caller = operation.sample.caller
        user = None if caller == PUBLIC else getattr(school, caller)
        values = own_values(district, school)
        values |= {slot: values[other] for slot, other in operation.sample.instead.items()}
        secrets |= await _ask_well_and_badly(client, operation, values, _token(api, user))
    return secrets | await _sign_in_well_and_badly(client, school.other_student)


def _token(api: Api, user: User | None) -> str:
    return "" if user is None else api.token_of(user)


async def _ask_well_and_badly(
    client: httpx2.AsyncClient, operation: Operation, values: dict[str, str], token: str
) -> set[str]:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    request = operation.request(values)
    request["headers"] = {**request.get("headers", {}), **bearer}
    await client.request(**request)
    await client.request(**{**operation.request({**values, **fresh_values()}), "headers": request["headers"]})
    await client.request(**{**request, "json": {WORDS: WORDS}})
    await client.request(**{**request, "params": {"query": WORDS, "cursor": WORDS}})
    await client.request(**{**request, "headers": {"Authorization": f"Bearer {WORDS}.{token}"}})
    await client.request(operation.method, f"{operation.path}/{WORDS}@school.example", headers=bearer)
    return {token.rpartition(".")[2]} - {""}


async def _sign_in_well_and_badly(client: httpx2.AsyncClient, user: User) -> set[str]:
    login: dict[str, Any] = {"email": user.email, "password": PASSWORD}
    await client.post("/api/v1/auth/login", json={**login, "password": NEW_PASSWORD})
    await client.post(
        "/api/v1/auth/login", content=json.dumps(login)[:-1], headers={"Content-Type": "application/json"}
    )
    await client.post("/api/v1/auth/login", data=login)
    answer = await client.post("/api/v1/auth/login", json=login)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()["data"]
    await client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    return {tokens["access_token"], tokens["refresh_token"].rpartition(".")[2], user.email, user.name}


async def test_the_log_of_the_sockets_holds_ids_and_codes_only(
    *, settings: Settings, keys: KeyRing, watched: World, api: Api, tmp_path: Path
) -> None:
    log = tmp_path / "realtime.log"
    token = api.token_of(watched.districts[0].schools[0].teacher)
    with running_realtime(settings, log) as url:
        with pytest.raises(HandshakeRefusedError):
            async with SocketClient(url, f"{WORDS}.{token}"):
                pass
        async with SocketClient(url, token) as client:
            for event in ("sync", "class:watch", "notification:ack", "session:refresh", WORDS):
                await client.ask(event, {WORDS: WORDS})
                await client.ask(event, WORDS)
    written = log.read_text()
    assert written
    for secret in (CANARY, token.rpartition(".")[2]):
        assert secret not in written
