"""Keys are rotated while two replicas serve: no token that lives is refused anywhere."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from joserfc.jws import extract_compact
from sqlalchemy.orm import Session

from core.config import Settings
from core.keys import KeyRing
from ops.key_rotation import Kind, rotate
from tests.api.envelopes import data_of
from tests.factories.user import PASSWORD, make_identity, make_student
from tests.factories.world import DistrictBench
from tests.faults.server import ApiProcess

pytestmark = pytest.mark.fault

LEAD = timedelta(seconds=4)
PEOPLE = 3


@dataclass
class Seen:
    """What the clients met."""

    kids: set[str] = field(default_factory=set)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def keys_path(settings: Settings, keys: KeyRing, tmp_path: Path) -> Path:
    """A copy: the other tests keep their keys."""
    del keys  # their file is there now
    return Path(shutil.copy(settings.keys_path, tmp_path / "keys.json"))


@pytest.fixture
def replicas(settings: Settings, keys_path: Path, tmp_path: Path) -> Iterator[list[ApiProcess]]:
    own = settings.model_copy(update={"keys_path": keys_path})
    processes = [ApiProcess(own, tmp_path / f"api-{number}.log") for number in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.wait_until_ready()
    yield processes
    for process in processes:
        process.kill()


@pytest.fixture
def addresses(bench: DistrictBench, rows: Session, keys: KeyRing) -> list[str]:
    students = [make_student(rows, bench.schools[0].school) for _ in range(PEOPLE)]
    return [make_identity(rows, student, keys) for student in students]


async def test_a_rotation_under_load_refuses_no_living_token(
    replicas: list[ApiProcess], addresses: list[str], keys_path: Path
) -> None:
    seen, stop = Seen(), asyncio.Event()
    async with (
        httpx2.AsyncClient(base_url=replicas[0].url, timeout=30) as one,
        httpx2.AsyncClient(base_url=replicas[1].url, timeout=30) as other,
        asyncio.TaskGroup() as group,
    ):
        for email in addresses:
            group.create_task(stay_signed_in([one, other], email, seen, stop))
        await asyncio.sleep(1)
        begins = rotate(keys_path, [Kind.SIGNING], now=datetime.now(UTC), lead=LEAD)
        await asyncio.sleep((begins - datetime.now(UTC)).total_seconds() + 3)
        stop.set()
    assert len(seen.kids) == 2
    assert len(seen.answers) > 50
    assert set(seen.answers) == {200}


async def stay_signed_in(
    replicas: list[httpx2.AsyncClient], email: str, seen: Seen, stop: asyncio.Event
) -> None:
    """Refresh at one replica, use the token and the very first one at both, in turns, until told to stop."""
    login = {"email": email, "password": PASSWORD}
    tokens = data_of(await replicas[0].post("/api/v1/auth/login", json=login))
    first = tokens["access_token"]
    while not stop.is_set():
        replicas.reverse()
        presented = {"refresh_token": tokens["refresh_token"]}
        tokens = data_of(await replicas[0].post("/api/v1/auth/refresh", json=presented))
        seen.kids.add(str(extract_compact(tokens["access_token"].encode()).headers()["kid"]))
        for replica in replicas:
            for token in (tokens["access_token"], first):
                answer = await replica.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})
                seen.answers.append(answer.status_code)
