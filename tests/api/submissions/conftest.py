"""An attempt in progress, and short words for what a student does with it."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.envelopes import data_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api

SUBMISSIONS = "/api/v1/submissions"


@dataclass(frozen=True)
class Desk:
    """A student with an open attempt at an assignment of one choice (key b, 2 points) and one essay (2 points)."""

    student: httpx2.AsyncClient
    school: SchoolBench
    submission_id: str

    @property
    def url(self) -> str:
        return f"{SUBMISSIONS}/{self.submission_id}"

    def choice(self, option: str, client_seq: int = 1, **more: Any) -> dict[str, Any]:
        question_id = str(self.school.choice_question.id)
        return {
            "question_id": question_id,
            "answer": {"option_id": option},
            "client_seq": client_seq,
            **more,
        }

    def essay(self, words: str, client_seq: int = 1) -> dict[str, Any]:
        question_id = str(self.school.free_question.id)
        return {"question_id": question_id, "answer": {"text": words}, "client_seq": client_seq}

    async def send(self, body: dict[str, Any]) -> httpx2.Response:
        return await self.student.post(f"{self.url}/answers", json=body)

    async def answer(self, body: dict[str, Any]) -> Any:
        return data_of(await self.send(body), 201)

    async def answer_at_once(self, bodies: list[dict[str, Any]]) -> list[httpx2.Response]:
        return list(await asyncio.gather(*(self.send(body) for body in bodies)))

    async def submit(self) -> Any:
        return data_of(await self.student.post(f"{self.url}/submit"))

    async def read(self) -> Any:
        return data_of(await self.student.get(self.url))

    async def next_attempt(self) -> "Desk":
        """Hand in and start the next attempt."""
        await self.submit()
        return await open_desk(self.student, self.school)


async def open_desk(student: httpx2.AsyncClient, school: SchoolBench) -> Desk:
    started = await student.post(SUBMISSIONS, json={"assignment_id": str(school.assignment.id)})
    return Desk(student, school, data_of(started, 201)["id"])


@pytest_asyncio.fixture(loop_scope="session")
async def desk(api: Api, school: SchoolBench) -> Desk:
    return await open_desk(api.signed_in(school.classmate), school)


class Ledger:
    """What PostgreSQL holds of one attempt, read around every wall."""

    def __init__(self, rows: Session) -> None:
        self._rows = rows

    def all(self, statement: str, **parameters: Any) -> list[Any]:
        return list(self._rows.execute(text(statement), parameters).mappings())

    def one(self, statement: str, **parameters: Any) -> Any:
        return self._rows.execute(text(statement), parameters).scalar_one()

    def change(self, statement: str, **parameters: Any) -> None:
        self._rows.execute(text(statement), parameters)

    def counts(self, submission_id: str) -> dict[str, int]:
        """How many rows of each kind an attempt has left behind."""
        tables = {
            "answers": "app.student_answers WHERE submission_id = :id",
            "events": "app.interaction_events WHERE submission_id = :id AND verb = 'answered'",
            "grades": "app.grades WHERE submission_id = :id",
            "history": "app.grade_history h JOIN app.grades g ON g.id = h.grade_id WHERE g.submission_id = :id",
            "told": "app.user_events WHERE payload ->> 'submission_id' = CAST(:id AS text)"
            " AND name = 'answer:graded'",
        }
        return {
            name: int(self.one(f"SELECT count(*) FROM {table}", id=submission_id))
            for name, table in tables.items()
        }


@pytest.fixture
def ledger(rows: Session) -> Ledger:
    return Ledger(rows)
