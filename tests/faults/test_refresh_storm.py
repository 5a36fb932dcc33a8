"""Fifty tabs of one browser wake up at once, against a real server with real sockets."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.config import Settings
from core.keys import KeyRing
from core.models import User
from tests.factories.user import PASSWORD, make_identity
from tests.factories.world import make_district_bench
from tests.faults.server import ApiProcess

pytestmark = pytest.mark.fault

TABS = 50
ROUNDS = 5
GRACE_SECONDS = 10.0
AUTH = "/api/v1/auth"


@pytest.fixture
def api_process(settings: Settings, keys: KeyRing, tmp_path: Path) -> Iterator[ApiProcess]:
    process = ApiProcess(settings, tmp_path / "api.log")
    process.start()
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.kill()


@pytest.fixture
def teacher(rows: Session, keys: KeyRing) -> User:
    teacher = make_district_bench(rows).schools[0].teacher
    make_identity(rows, teacher, keys)
    return teacher


class Browser:
    """Tabs that share a cookie jar by hand, so that all of them send what they had when the storm began."""

    def __init__(self, client: httpx2.AsyncClient, origin: str) -> None:
        self._client = client
        self._headers = {"X-Client": "browser", "Origin": origin}

    async def log_in(self, user: User) -> str:
        body = {"email": user.email, "password": PASSWORD}
        return _cookie(await self._client.post(f"{AUTH}/login", json=body, headers=self._headers))

    async def refresh(self, cookie: str) -> httpx2.Response:
        headers = {**self._headers, "Cookie": f"homeroom_refresh={cookie}"}
        return await self._client.post(f"{AUTH}/refresh", headers=headers)

    async def look_in(self, access_token: str) -> int:
        headers = {"Authorization": f"Bearer {access_token}"}
        return (await self._client.get("/api/v1/users/me", headers=headers)).status_code


def _cookie(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text
    lines = answer.headers.get_list("Set-Cookie")
    line = next(line for line in lines if line.startswith("homeroom_refresh="))
    return line.partition("=")[2].partition(";")[0].strip('"')


def living_families(rows: Session, user: User) -> int:
    statement = text(
        "SELECT count(*) FROM auth.sessions WHERE user_id = :id AND id <> :id AND revoked_at IS NULL"
    )
    count: int = rows.execute(statement, {"id": user.id}).scalar_one()
    return count


async def test_a_storm_leaves_one_family_and_a_late_replay_ends_it(
    api_process: ApiProcess, settings: Settings, teacher: User, rows: Session
) -> None:
    limits = httpx2.Limits(max_connections=TABS)
    async with httpx2.AsyncClient(base_url=api_process.url, timeout=30, limits=limits) as client:
        browser = Browser(client, settings.allowed_origins[0])
        cookie = first = await browser.log_in(teacher)
        answers: list[Any] = []
        for _ in range(ROUNDS):
            answers = await asyncio.gather(*(browser.refresh(cookie) for _ in range(TABS)))
            (cookie,) = {_cookie(answer) for answer in answers}
        ended_at = time.monotonic()
        access_tokens = [answer.json()["data"]["access_token"] for answer in answers]
        statuses = await asyncio.gather(*(browser.look_in(token) for token in access_tokens))
        assert set(statuses) == {200}
        assert living_families(rows, teacher) == 1

        await asyncio.sleep(max(0.0, ended_at + GRACE_SECONDS + 0.5 - time.monotonic()))
        assert (await browser.refresh(first)).status_code == 401
        assert living_families(rows, teacher) == 0
        assert await browser.look_in(access_tokens[0]) == 401
        assert (await browser.refresh(cookie)).status_code == 401
