"""No student sees a verdict, a key, a rubric or an explanation before its time: all that a student is ever shown.

One student's work on one assignment is followed from the draft until after the due date. At each moment everything is
opened that the document lists and everything is heard that the socket tells; what was seen must be exactly what that
moment releases, so a wall too many fails as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.config import Settings
from core.keys import KeyRing
from core.models import User
from core.tokens import issue_access_token
from tests.factories.user import actor_of, make_identity
from tests.factories.world import DistrictBench, SchoolBench, make_district_bench
from tests.fixtures.web import Api, StandingClock
from tests.leaks.bench import Values, own_values
from tests.leaks.operations import API, Operation
from tests.leaks.sightings import CHOSEN_OPTION, hide_words, sightings
from tests.realtime.conftest import running_realtime
from tests.realtime.socket_client import SocketClient

pytestmark = pytest.mark.any_engine

HOUR = timedelta(hours=1)
OF_TEACHERS_ONLY = ("question-banks", "candidates", "generation", "templates", "key-versions", "extensions")

OPEN = {"the question"}
RUNNING_SCORE = OPEN | {"the verdict"}
"""With instant feedback an attempt shows what it has earned from the start: nothing yet."""
HOW_IT_WAS = OPEN | {"the verdict", "feedback of the chosen option"}
KEY = HOW_IT_WAS | {"the key", "the explanation"}
ALL = KEY | {"the model answer", "the rubric"}

MOMENTS = [
    *("draft", "before it opens", "open and unanswered", "first attempt answered", "first attempt handed in"),
    *("last attempt answered", "last attempt handed in", "graded by the teacher", "after the due date"),
]
SEEN = {
    "instant": [set(), set(), RUNNING_SCORE, HOW_IT_WAS, HOW_IT_WAS, KEY, KEY, ALL, ALL],
    "after_submit": [set(), set(), OPEN, OPEN, HOW_IT_WAS, HOW_IT_WAS, KEY, ALL, ALL],
    "after_due": [set(), set(), OPEN, OPEN, OPEN, OPEN, OPEN, OPEN, ALL],
}


@pytest.fixture(scope="module")
def realtime_url(
    settings: Settings, keys: KeyRing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with running_realtime(settings, tmp_path_factory.mktemp("realtime") / "server.log") as url:
        yield url


@dataclass
class Eye:
    """Everything one student can open or hear, and all that was seen of it since it was last asked."""

    api: Api
    student: User
    operations: list[Operation]
    values: Values
    socket: tuple[str, str]
    attempts: list[str] = field(default_factory=list)
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    shown: list[Any] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)

    @property
    def client(self) -> httpx2.AsyncClient:
        return self.api.signed_in(self.student)  # with a token of this moment

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await self.client.post(API + path, json=body)
        assert answer.status_code < 300, answer.text
        data = answer.json()["data"]
        self.shown.append(data)
        return data

    async def look(self) -> set[str]:
        """Open every page, ask for every event and repeat every answer; return what was seen."""
        for attempt in self.attempts or [self.values["submission_id"]]:
            for operation in self.operations:
                await self._open(operation, {**self.values, "submission_id": attempt})
        for path, body in self.answers:
            await self.post(path, body)
        async with SocketClient(*self.socket) as client:
            self.shown.append(await client.ask("sync", {"after_seq": 0}))
        seen = sightings(self.shown)
        self.shown.clear()
        return seen

    async def _open(self, operation: Operation, values: Values) -> None:
        values = {**values, **{slot: values[name] for slot, name in operation.sample.instead.items()}}
        answers = [
            await self.client.request(**operation.request(values, with_query=given))
            for given in (True, False)
        ]
        for answer in answers:
            assert answer.status_code < 500, f"{operation}: {answer.text}"
            is_json = answer.headers.get("content-type", "").startswith("application/json")
            self.shown.append(answer.json() if is_json else answer.text)
            if answer.is_success:
                self.opened.add(str(operation))


@dataclass
class Story:
    """What happens around one student's work, moment by moment."""

    eye: Eye
    school: SchoolBench
    rows: Session
    clock: StandingClock

    async def happen(self, moment: str) -> None:
        """Bring about a moment of MOMENTS; the ones before it have been."""
        steps = {
            "before it opens": self._publish,
            "open and unanswered": self._start,
            "first attempt answered": self._answer,
            "first attempt handed in": self._hand_in,
            "last attempt answered": self._answer_again,
            "last attempt handed in": self._hand_in,
            "graded by the teacher": self._grade,
        }
        if moment == "after the due date":
            self.clock.advance(2 * HOUR)
        elif moment in steps:
            await steps[moment]()

    async def _publish(self) -> None:
        self._change("UPDATE app.assignments SET status = 'published', published_at = now() WHERE id = :id")

    async def _start(self) -> None:
        if not self.eye.attempts:
            self.clock.advance(HOUR)
        started = await self.eye.post("/submissions", {"assignment_id": str(self.school.assignment.id)})
        self.eye.attempts.append(started["id"])
        self.eye.values["submission_id"] = started["id"]

    async def _answer(self) -> None:
        path = f"/submissions/{self.eye.attempts[-1]}/answers"
        choice = {"option_id": CHOSEN_OPTION}
        for question, answer in (
            (self.school.choice_question, choice),
            (self.school.free_question, {"text": "So."}),
        ):
            body = {"question_id": str(question.id), "answer": answer, "client_seq": 1}
            told = await self.eye.post(path, body)
            self.eye.answers.append((path, body))
        self.eye.values["job_id"] = told["job_id"]
        own = text("SELECT id::text FROM app.grades WHERE student_id = :id")
        self.eye.values["grade_id"] = self.rows.execute(own, {"id": self.eye.student.id}).scalar_one()

    async def _answer_again(self) -> None:
        await self._start()
        await self._answer()

    async def _hand_in(self) -> None:
        await self.eye.post(f"/submissions/{self.eye.attempts[-1]}/submit")

    async def _grade(self) -> None:
        """What a teacher's grading will write: the essays have a verdict."""
        self._change(
            "UPDATE app.student_answers SET status = 'graded', score = 1, is_correct = false, graded_at = now()"
            " WHERE assignment_id = :id AND status <> 'graded'"
        )

    def _change(self, statement: str) -> None:
        self.rows.execute(text(statement), {"id": self.school.assignment.id})


def make_story(
    *,
    api: Api,
    rows: Session,
    keys: KeyRing,
    clock: StandingClock,
    socket_url: str,
    operations: list[Operation],
) -> Story:
    district: DistrictBench = make_district_bench(rows)
    school = district.schools[0]
    hide_words(rows, school)
    student = school.classmate
    make_identity(rows, student, keys)
    own = {"student_id": str(student.id), "user_id": str(student.id), "session_id": str(student.id)}
    now = datetime.now(UTC)
    token = issue_access_token(actor_of(student), keys, issuer=api_issuer(api), now=now, minutes=60)
    opened = [operation for operation in operations if operation.method == "GET"]
    eye = Eye(api, student, opened, {**own_values(district, school), **own}, (socket_url, token))
    return Story(eye, school, rows, clock)


def api_issuer(api: Api) -> str:
    settings: Settings = api.app.state.settings
    return settings.issuer


@pytest.mark.parametrize("release", SEEN)
async def test_a_student_sees_at_each_moment_what_it_releases_and_nothing_more(
    *,
    api: Api,
    rows: Session,
    keys: KeyRing,
    clock: StandingClock,
    realtime_url: str,
    all_operations: list[Operation],
    release: str,
) -> None:
    story = make_story(
        api=api, rows=rows, keys=keys, clock=clock, socket_url=realtime_url, operations=all_operations
    )
    assignment = story.school.assignment
    rows.execute(
        text(
            "UPDATE app.assignments SET status = 'draft', published_at = NULL, feedback_release = :release,"
            " max_attempts = 2, available_at = :opens, due_at = :due WHERE id = :id"
        ),
        {"release": release, "opens": clock.now + HOUR, "due": clock.now + 3 * HOUR, "id": assignment.id},
    )
    seen = {}
    for moment in MOMENTS:
        await story.happen(moment)
        seen[moment] = await story.eye.look()
    assert seen == dict(zip(MOMENTS, SEEN[release], strict=True))
    assert f"GET {API}/submissions/{{submission_id}}/feedback" in story.eye.opened
    assert f"GET {API}/grades/{{grade_id}}/history" in story.eye.opened


async def test_banks_candidates_and_templates_do_not_open_to_students(
    api: Api, rows: Session, all_operations: list[Operation]
) -> None:
    district = make_district_bench(rows)
    student = api.signed_in(district.schools[0].student)
    doors = [
        operation
        for operation in all_operations
        if any(part in operation.path.split("/") for part in OF_TEACHERS_ONLY)
    ]
    values = own_values(district, district.schools[0])
    opened = {}
    for operation in doors:
        renamed = {slot: values[name] for slot, name in operation.sample.instead.items()}
        answer = await student.request(**operation.request({**values, **renamed}))
        if answer.status_code not in {403, 404}:
            opened[str(operation)] = answer.status_code
    assert len(doors) > len(OF_TEACHERS_ONLY)
    assert opened == {}
