"""A school answers while processes die or the provider is away: nothing is lost, nothing graded twice."""

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest
from sqlalchemy import text

from core.config import Settings
from core.ids import new_id
from core.keys import KeyRing
from core.models import ConsentScope, StudentSubmission, User
from core.tokens import issue_access_token
from tests.factories.assignment import CORRECT_OPTION
from tests.factories.consent import make_consent
from tests.factories.school_class import make_enrollment
from tests.factories.submission import make_submission
from tests.factories.user import actor_of, make_student
from tests.factories.world import SchoolBench, make_district_bench
from tests.faults.server import ApiProcess
from tests.faults.worker import WorkerProcess
from tests.fixtures.openai import KEY, FakeOpenAi
from tests.fixtures.rows import open_rows
from tests.fixtures.schema import MigratedDatabase

pytestmark = [pytest.mark.fault, pytest.mark.any_engine, pytest.mark.timeout(600)]

ANSWERS = int(os.environ.get("ANSWERS", "500"))
"""`make soak` sends more."""
STUDENTS = ANSWERS // 2
KILLS = int(os.environ.get("KILLS", "2"))
PATIENCE_SECONDS = 240
ESSAY = "Plants make sugar from light, water and carbon dioxide."


@dataclass
class Hall:
    """Students with an attempt each: one choice, one essay; the API and the worker they meet."""

    school: SchoolBench
    people: list[tuple[User, StudentSubmission]]
    api: ApiProcess
    worker: WorkerProcess
    dsn: str
    headers: dict[UUID, dict[str, str]]
    acknowledged: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    failures: int = 0

    def value(self, query: str) -> Any:
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute(query.encode()).fetchone()
        return None if row is None else row[0]

    def column(self, query: str) -> list[Any]:
        with psycopg.connect(self.dsn) as connection:
            return [row[0] for row in connection.execute(query.encode())]

    async def until(self, is_so: Callable[[], bool], what: str) -> None:
        for _ in range(PATIENCE_SECONDS * 4):
            if is_so():
                return
            await asyncio.sleep(0.25)
        pytest.fail(f"{what} did not happen within {PATIENCE_SECONDS} s")


@pytest.fixture
def hall(
    scratch_database: MigratedDatabase,
    settings: Settings,
    keys: KeyRing,
    fake_openai: FakeOpenAi,
    tmp_path: Path,
) -> Iterator[Hall]:
    own = settings.model_copy(update={"database_url": scratch_database.app_url})
    asks = {
        "HOMEROOM_OPENAI_BASE_URL": fake_openai.url,
        "HOMEROOM_OPENAI_API_KEY": KEY,
        "HOMEROOM_OPENAI_RETRY_SECONDS": "0.01",
        "HOMEROOM_OPENAI_TIMEOUT_SECONDS": "2",
        "HOMEROOM_OPENAI_LONGEST_WAIT_SECONDS": "1",
    }
    with open_rows(scratch_database) as rows:
        school = make_district_bench(rows).schools[0]
        school.free_question.prompt = "What do plants make, and from what?"
        school.free_question.model_answer = "Sugar, from light, water and carbon dioxide."
        school.free_question.rubric = [{"criterion": "Says what and from what", "points": "2"}]
        rows.execute(text("UPDATE app.district_settings SET ai_release_confidence = 0.5"))
        people = []
        for _ in range(STUDENTS):
            student = make_student(rows, school.school)
            make_enrollment(rows, school.school_class, student)
            for scope in (ConsentScope.COLLECTION, ConsentScope.AI_PROCESSING):
                make_consent(rows, student, scope)
            people.append((student, make_submission(rows, school.assignment, student)))
        tokens = {
            student.id: issue_access_token(
                actor_of(student), keys, issuer=own.issuer, now=datetime.now(UTC), minutes=30
            )
            for student, _ in people
        }
        headers = {student_id: {"Authorization": f"Bearer {token}"} for student_id, token in tokens.items()}
        api = ApiProcess(own, tmp_path / "api.log")
        worker = WorkerProcess(own, tmp_path / "worker.log", **asks)
        api.start()
        worker.start()
        try:
            api.wait_until_ready()
            yield Hall(school, people, api, worker, scratch_database.dsn, headers)
        finally:
            api.kill()
            worker.kill()


def bodies(school: SchoolBench) -> list[dict[str, Any]]:
    choice = {"question_id": str(school.choice_question.id), "answer": {"option_id": CORRECT_OPTION}}
    essay = {"question_id": str(school.free_question.id), "answer": {"text": ESSAY}}
    return [{**body, "client_seq": 1, "time_spent_ms": 900} for body in (choice, essay)]


async def answer_everything(hall: Hall) -> None:
    """Every student sends both answers, each until it is acknowledged, all at once."""
    limits = httpx2.Limits(max_connections=200)
    async with httpx2.AsyncClient(base_url=hall.api.url, timeout=30, limits=limits) as client:
        work = []
        for student, submission in hall.people:
            for body in bodies(hall.school):
                headers = {**hall.headers[student.id], "Idempotency-Key": str(new_id())}
                url = f"/api/v1/submissions/{submission.id}/answers"
                request = client.build_request("POST", url, json=body, headers=headers)
                work.append(_until_acknowledged(hall, client, request))
        await asyncio.wait_for(asyncio.gather(*work), PATIENCE_SECONDS)


async def _until_acknowledged(hall: Hall, client: httpx2.AsyncClient, request: httpx2.Request) -> None:
    while True:
        try:
            answer = await client.send(request)
        except httpx2.TransportError:
            hall.failures += 1
            await asyncio.sleep(0.2)
            continue
        if answer.status_code == 201:
            shown = answer.json()["data"]
            hall.acknowledged[UUID(shown["id"])] = shown
            return
        assert answer.status_code == 503, answer.text
        await asyncio.sleep(0.2)


async def kill_now_and_then(hall: Hall) -> None:
    """Kill the API and the worker as answers come in, each time a share of them has arrived."""
    for kill in range(1, KILLS + 1):
        wanted = ANSWERS * kill // (KILLS + 2)
        await hall.until(lambda wanted=wanted: len(hall.acknowledged) >= wanted, "enough answers")  # type: ignore[misc]
        for process in (hall.api, hall.worker):
            process.kill()
            process.start()


def require_everything_once(hall: Hall) -> None:
    """What was acknowledged is stored, once; every essay has one proposal, which counts."""
    submissions = ", ".join(f"'{submission.id}'" for _, submission in hall.people)
    mine = f"submission_id IN ({submissions})"
    assert set(hall.column(f"SELECT id FROM app.student_answers WHERE {mine}")) == set(hall.acknowledged)
    assert len(hall.acknowledged) == 2 * STUDENTS
    graded = (
        f"SELECT graded_by, count(*) FROM app.student_answers WHERE {mine} AND status = 'graded' GROUP BY 1"
    )
    with psycopg.connect(hall.dsn) as connection:
        assert dict(connection.execute(graded.encode()).fetchall()) == {
            "automatic": STUDENTS,
            "ai": STUDENTS,
        }
    proposals = hall.column(
        "SELECT count(*) FROM app.ai_gradings g JOIN app.student_answers a ON a.id = g.answer_id"
        f" WHERE a.{mine} GROUP BY g.answer_id"
    )
    assert proposals == [1] * STUDENTS
    scores = hall.column(f"SELECT score FROM app.student_submissions WHERE id IN ({submissions})")
    assert set(scores) == {4}
    assert hall.column(f"SELECT count(*) FROM app.interaction_events WHERE verb = 'answered' AND {mine}") == [
        2 * STUDENTS
    ]


WAITING = "SELECT count(*) FROM app.student_answers WHERE status = 'pending' AND counts"


async def test_answers_survive_killed_processes_and_are_graded_once(hall: Hall) -> None:
    await asyncio.gather(answer_everything(hall), kill_now_and_then(hall))
    assert hall.failures > 0, "the kills hit nobody: they prove nothing"
    await hall.until(lambda: hall.value(WAITING) == 0, "the grading of every essay")
    require_everything_once(hall)
    await _attempts_go_on(hall)


async def _attempts_go_on(hall: Hall) -> None:
    """The attempt of before is resumed and handed in, with a grade at its end."""
    async with httpx2.AsyncClient(base_url=hall.api.url, timeout=30) as client:
        for student, submission in hall.people[:5]:
            headers = hall.headers[student.id]
            body = {"assignment_id": str(hall.school.assignment.id)}
            resumed = await client.post("/api/v1/submissions", json=body, headers=headers)
            assert resumed.json()["data"]["id"] == str(submission.id)
            url = f"/api/v1/submissions/{submission.id}/submit"
            handed_in = (await client.post(url, headers=headers)).json()["data"]
            assert (handed_in["score"], handed_in["grade_status"]) == ("4.00", "graded")


async def test_a_provider_that_is_away_all_the_time_delays_grading_and_loses_nothing(
    hall: Hall, fake_openai: FakeOpenAi
) -> None:
    fake_openai.script.then("status", status=503, times=None)
    hall.people = hall.people[: max(10, STUDENTS // 10)]
    await answer_everything(hall)
    await hall.until(lambda: len(fake_openai.calls) > 0, "a call of the provider")
    assert hall.value(WAITING) == len(hall.people)
    fake_openai.script.reset()
    await hall.until(lambda: hall.value(WAITING) == 0, "the grading of every essay")
    counted = "SELECT count(*) FROM app.ai_gradings WHERE state = 'released' AND mode = 'ai'"
    assert hall.value(counted) == len(hall.people)
