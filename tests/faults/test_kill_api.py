"""The API killed with -9 while a school answers: what was acknowledged is stored, once."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest
from sqlalchemy.orm import Session

from core.config import Settings
from core.ids import new_id
from core.keys import KeyRing
from core.models import StudentSubmission, User
from core.tokens import issue_access_token
from tests.factories.assignment import CORRECT_OPTION
from tests.factories.school_class import make_enrollment
from tests.factories.submission import make_submission
from tests.factories.user import actor_of, make_student
from tests.factories.world import SchoolBench, make_district_bench
from tests.faults.server import ApiProcess
from tests.fixtures.schema import MigratedDatabase

pytestmark = pytest.mark.fault

STUDENTS = 200
ACKNOWLEDGED_BEFORE_THE_KILL = 60
PATIENCE_SECONDS = 150


@dataclass
class Ledger:
    """What the clients saw."""

    acknowledged: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    failures: int = 0
    is_time_to_kill: asyncio.Event = field(default_factory=asyncio.Event)

    def acknowledge(self, submission_id: UUID, answer: dict[str, Any]) -> None:
        self.acknowledged[submission_id] = answer
        if len(self.acknowledged) >= ACKNOWLEDGED_BEFORE_THE_KILL:
            self.is_time_to_kill.set()


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
def school(rows: Session) -> SchoolBench:
    return make_district_bench(rows).schools[0]


@pytest.fixture
def answering(rows: Session, school: SchoolBench) -> list[tuple[User, StudentSubmission]]:
    """A school hall of students, each with an attempt in progress."""
    students = [make_student(rows, school.school) for _ in range(STUDENTS)]
    for student in students:
        make_enrollment(rows, school.school_class, student)
    return [(student, make_submission(rows, school.assignment, student)) for student in students]


async def test_an_acknowledged_answer_survives_and_counts_once(
    *,
    api_process: ApiProcess,
    settings: Settings,
    keys: KeyRing,
    school: SchoolBench,
    answering: list[tuple[User, StudentSubmission]],
    migrated: MigratedDatabase,
) -> None:
    ledger = Ledger()
    limits = httpx2.Limits(max_connections=STUDENTS)
    async with httpx2.AsyncClient(base_url=api_process.url, timeout=20, limits=limits) as client:
        clients = []
        for student, submission in answering:
            token = issue_access_token(
                actor_of(student), keys, issuer=settings.issuer, now=datetime.now(UTC), minutes=10
            )
            request = _answer_request(client, token, submission, school)
            clients.append(
                asyncio.create_task(_answer_until_acknowledged(client, request, submission.id, ledger))
            )
        await _kill_in_the_middle(api_process, ledger)
        await asyncio.wait_for(asyncio.gather(*clients), PATIENCE_SECONDS)
    assert ledger.failures > 0, "the kill hit nobody: it proves nothing"
    assert len(ledger.acknowledged) == STUDENTS
    assert all(answer["verdict"] == "correct" for answer in ledger.acknowledged.values())
    _require_everything_once(migrated, ledger, school)


def _answer_request(
    client: httpx2.AsyncClient, token: str, submission: StudentSubmission, school: SchoolBench
) -> httpx2.Request:
    body = {
        "question_id": str(school.choice_question.id),
        "answer": {"option_id": CORRECT_OPTION},
        "client_seq": 1,
        "time_spent_ms": 1000,
    }
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())}
    return client.build_request(
        "POST", f"/api/v1/submissions/{submission.id}/answers", json=body, headers=headers
    )


async def _answer_until_acknowledged(
    client: httpx2.AsyncClient, request: httpx2.Request, submission_id: UUID, ledger: Ledger
) -> None:
    """Send the very same request until it is acknowledged, as a client with a bad connection does."""
    while True:
        try:
            answer = await client.send(request)
        except httpx2.TransportError:
            ledger.failures += 1
            await asyncio.sleep(0.2)
            continue
        if answer.status_code == 201:
            ledger.acknowledge(submission_id, answer.json()["data"])
            return
        assert answer.status_code == 503, answer.text
        await asyncio.sleep(0.2)


async def _kill_in_the_middle(process: ApiProcess, ledger: Ledger) -> None:
    await ledger.is_time_to_kill.wait()
    process.kill()
    process.start()


def _require_everything_once(database: MigratedDatabase, ledger: Ledger, school: SchoolBench) -> None:
    """Each acknowledged answer is the one stored; answer, grade, history, event and sequence agree."""
    submissions = list(ledger.acknowledged)
    with psycopg.connect(database.dsn) as connection:

        def column(query: str) -> list[Any]:
            return [row[0] for row in connection.execute(query, [submissions])]

        answers = dict(
            connection.execute(
                "SELECT submission_id, array_agg(id) FROM app.student_answers"
                " WHERE submission_id = ANY(%s) GROUP BY 1",
                [submissions],
            ).fetchall()
        )
        scores = column("SELECT score FROM app.grades WHERE submission_id = ANY(%s)")
        changes = column(
            "SELECT count(*) FROM app.grade_history h JOIN app.grades g ON g.id = h.grade_id"
            " WHERE g.submission_id = ANY(%s) GROUP BY g.id"
        )
        events = column(
            "SELECT count(*) FROM app.interaction_events"
            " WHERE verb = 'answered' AND submission_id = ANY(%s) GROUP BY submission_id"
        )
        gaps = column(
            "SELECT c.user_id FROM app.user_event_counters c JOIN app.student_submissions s"
            " ON s.student_id = c.user_id AND s.id = ANY(%s) WHERE c.last_seq <>"
            " (SELECT count(*) FROM app.user_events e WHERE e.user_id = c.user_id)"
        )
    assert answers == {key: [UUID(value["id"])] for key, value in ledger.acknowledged.items()}
    assert scores == [Decimal(2)] * STUDENTS
    assert changes == [1] * STUDENTS
    assert events == [1] * STUDENTS
    assert gaps == []
