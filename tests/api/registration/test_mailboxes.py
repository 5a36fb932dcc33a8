"""One mailbox is not flooded through our doors, and the limit does not tell whose it is."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy.orm import Session

from api.rate_limits import SharedRateLimiter
from core.config import Settings
from core.ids import new_id
from core.keys import KeyRing
from tests.api.envelopes import data_of, refusal_of
from tests.factories.user import make_identity
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

AUTH = "/api/v1/auth"
MOST = 3


@pytest_asyncio.fixture(autouse=True)
async def limit(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    before = app.state.limiter
    app.state.limiter = SharedRateLimiter(settings.model_copy(update={"mails_per_mailbox_and_hour": MOST}))
    yield
    await app.state.limiter.close()
    app.state.limiter = before


@pytest.fixture(params=["known", "unknown"])
def address(request: pytest.FixtureRequest, school: SchoolBench, rows: Session, keys: KeyRing) -> str:
    if request.param == "unknown":
        return f"{new_id().hex}@school.example"
    return make_identity(rows, school.teacher, keys)


async def test_a_mailbox_is_written_to_a_few_times_an_hour_whatever_is_asked(api: Api, address: str) -> None:
    doors = ["verify-email/resend", "password/forgot"]
    for number in range(MOST):
        data_of(await api.anonymous.post(f"{AUTH}/{doors[number % 2]}", json={"email": address}), 202)
    for door in doors:
        refused = await api.anonymous.post(f"{AUTH}/{door}", json={"email": address.upper()})
        refusal_of(refused, 429, "too_many_requests")
        assert int(refused.headers["Retry-After"]) > 60


async def test_a_guardians_mailbox_counts_as_well(api: Api, school: SchoolBench, address: str) -> None:
    child = {
        "name": "Ana",
        "password": "plum-harbor-lantern-42",
        "grade_level": 3,
        "birth_date": "2020-01-01",
        "class_code": school.school_class.code,
        "guardian_email": address,
    }
    answers = [
        await api.anonymous.post(
            f"{AUTH}/register/student", json={**child, "email": f"{new_id().hex}@school.example"}
        )
        for _ in range(MOST + 1)
    ]
    assert [answer.status_code for answer in answers] == [202] * MOST + [429]
