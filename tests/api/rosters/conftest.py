from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy.orm import Session

from api.rosters.roster import Roster
from api.rosters.tasks import import_roster
from api.rosters.writing import write_oneroster
from core.jobs import Workplace
from core.models import BackgroundJob, District, User
from tests.api.envelopes import data_of
from tests.factories.district import make_district
from tests.factories.user import make_admin
from tests.fixtures.mail import Post
from tests.fixtures.web import Api

URL = "/api/v1/classes/rosters/oneroster"

Send = Callable[..., Awaitable[httpx2.Response]]
TakeOver = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def district(rows: Session) -> District:
    """A district in which nobody is yet."""
    return make_district(rows)


@pytest.fixture
def admin(rows: Session, district: District) -> User:
    return make_admin(rows, district)


@pytest.fixture
def workplace(post: Post) -> Workplace:
    """Where the worker's tasks of a test run."""
    return post.workplace.use()


@pytest.fixture
def send(api: Api, admin: User) -> Send:
    """Send an archive, or a roster as one, as the district's admin unless told otherwise."""

    async def sent(content: Roster | bytes, user: User | None = None, **parameters: Any) -> httpx2.Response:
        packed = content if isinstance(content, bytes) else write_oneroster(content)
        headers = parameters.pop("headers", {})
        files = {"file": ("roster.zip", packed, "application/zip")}
        return await api.signed_in(user or admin).post(URL, files=files, params=parameters, headers=headers)

    return sent


@pytest.fixture
def take_over(send: Send, workplace: Workplace, rows: Session) -> TakeOver:
    """Import a roster to its end; returns the job's result, which has the report."""
    del workplace

    async def taken(content: Roster | bytes, user: User | None = None, **parameters: Any) -> dict[str, Any]:
        answer = data_of(await send(content, user, **parameters), 202)
        job = rows.get_one(BackgroundJob, (_district_of(rows, answer["job_id"]), UUID(answer["job_id"])))
        await import_roster(str(job.district_id), str(job.id))
        rows.refresh(job)
        assert job.status == "succeeded", job.error
        assert job.result is not None
        return job.result

    return taken


def _district_of(rows: Session, job_id: str) -> UUID:
    found = rows.query(BackgroundJob.district_id).filter(BackgroundJob.id == UUID(job_id)).scalar()
    assert found is not None
    return UUID(str(found))


def counts(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    """The counts of each file that are not zero."""
    return {
        entry["file"]: {name: count for name, count in entry.items() if name != "file" and count}
        for entry in report["files"]
    }


def problems(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(problem["file"], problem["sourced_id"], problem["code"]) for problem in report["problems"]]
