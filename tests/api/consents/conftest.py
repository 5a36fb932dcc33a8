"""A child under 13 and a guardian with a mailbox, acting over HTTP."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from tests.api.envelopes import data_of
from tests.factories.world import SchoolBench
from tests.fixtures.mail import Post
from tests.fixtures.web import Api, StandingClock

PASSWORD = "plum-harbor-lantern-42"
YES = {"collection": "granted"}
YES_TO_ALL = {"collection": "granted", "ai_processing": "granted", "third_party_disclosure": "granted"}


def years_before(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes 28."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


@dataclass
class Family:
    """`child` and `guardian` are their addresses."""

    api: Api
    post: Post
    school: SchoolBench
    rows: Session
    birth_date: date
    child: str
    guardian: str

    async def register(self, **changes: Any) -> httpx2.Response:
        body = {
            "name": "Ana Quillfeather",
            "email": self.child,
            "password": PASSWORD,
            "grade_level": 4,
            "birth_date": str(self.birth_date),
            "class_code": self.school.school_class.code,
            "guardian_email": self.guardian,
            **changes,
        }
        return await self.api.anonymous.post("/api/v1/auth/register/student", json=body)

    async def asked(self) -> str:
        """Register and return the token of the guardian's link."""
        data_of(await self.register(), 202)
        await self.post.deliver()
        return self.post.token(self.guardian, "permission")

    async def read(self, link: str) -> httpx2.Response:
        return await self.api.anonymous.get(f"/api/v1/auth/consents/{link}")

    async def decide(self, link: str, **decisions: str) -> httpx2.Response:
        body = {"decisions": decisions}
        return await self.api.anonymous.post(f"/api/v1/auth/consents/{link}", json=body)

    async def finish(self, registration_token: str, **changes: Any) -> httpx2.Response:
        body = {
            "registration_token": registration_token,
            "email": self.child,
            "password": PASSWORD,
            "grade_level": 4,
            "birth_date": str(self.birth_date),
            **changes,
        }
        return await self.api.anonymous.post("/api/v1/auth/register/child", json=body)

    async def arrived(self, **decisions: str) -> str:
        """The whole way to an account; returns the guardian's link."""
        link = await self.asked()
        granted = data_of(await self.decide(link, **(decisions or YES)))
        data_of(await self.finish(granted["registration_token"]), 202)
        return link

    async def sign_in(self) -> httpx2.Response:
        login = {"email": self.child, "password": PASSWORD}
        return await self.api.anonymous.post("/api/v1/auth/login", json=login)

    async def signed_in(self) -> httpx2.AsyncClient:
        return self.api.signed_in_with(data_of(await self.sign_in())["access_token"])

    def requests(self) -> list[Any]:
        """This school's requests, as the superuser sees them, but the one every school is born with."""
        statement = (
            "SELECT * FROM app.consent_requests"
            " WHERE school_id = :school AND guardian_email_encrypted <> :old"
        )
        return self._rows(statement, old=b"unreadable")

    def decisions(self) -> list[Any]:
        """This school's decisions but the one every school is born with, in their order."""
        statement = (
            "SELECT * FROM app.consents WHERE school_id = :school AND notice_version <> 'test' ORDER BY id"
        )
        return self._rows(statement)

    def accounts(self) -> list[Any]:
        return self._rows(
            "SELECT * FROM app.users WHERE school_id = :school AND email = :email", email=self.child
        )

    def _rows(self, statement: str, **values: Any) -> list[Any]:
        return list(self.rows.execute(text(statement), {"school": self.school.school.id, **values}))


@pytest.fixture
def family(api: Api, post: Post, school: SchoolBench, rows: Session, clock: StandingClock) -> Family:
    """A child of ten who has the code of `school`'s class."""
    mark = new_id().hex
    birth_date = years_before(clock.now.date(), 10)
    return Family(api, post, school, rows, birth_date, f"{mark}@child.example", f"{mark}@guardian.example")
