"""Age by consent by feature: what a child may do, and that nothing is written where it may not."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.consents import seal_birth_date
from core.ids import new_id
from core.keys import KeyRing
from core.models import ConsentBasis, ConsentDecision, ConsentScope, User
from tests.api.conftest import StatementCounter
from tests.api.consents.conftest import Family, years_before
from tests.api.envelopes import data_of, refusal_of
from tests.factories.consent import make_consent
from tests.factories.submission import make_submission
from tests.factories.user import PASSWORD, actor_of, make_identity
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api, StandingClock

PARENT, SCHOOL = ConsentBasis.PARENT, ConsentBasis.SCHOOL_AGENT
GRANTED, DECLINED, REVOKED = ConsentDecision.GRANTED, ConsentDecision.DECLINED, ConsentDecision.REVOKED

AGES = ["12 years and 364 days", "13 today", "10", "15"]
HISTORIES = {
    "nobody spoke": [],
    "guardian granted": [(PARENT, GRANTED)],
    "guardian took it back": [(PARENT, GRANTED), (PARENT, REVOKED)],
    "school granted": [(SCHOOL, GRANTED)],
    "school took it back": [(SCHOOL, GRANTED), (SCHOOL, REVOKED)],
    "guardian declined, school granted": [(PARENT, DECLINED), (SCHOOL, GRANTED)],
}
OPEN_TO_A_CHILD = {"guardian granted", "school granted"}


def birth_date(age: str, today: date) -> date:
    if age == AGES[0]:
        return years_before(today + timedelta(days=1), 13)
    return years_before(today, int(age.split(maxsplit=1)[0]))


@dataclass
class Desk:
    """A student of a certain age at work in `school`'s class."""

    client: httpx2.AsyncClient
    school: SchoolBench
    student: User
    rows: Session

    def _features(self) -> dict[str, tuple[str, dict[str, Any]]]:
        assignment, question = self.school.assignment, self.school.choice_question
        submission = f"/submissions/{self.submission_id}"
        answer = {"question_id": str(question.id), "answer": {"option_id": "a"}, "client_seq": 1}
        event = {
            "event_id": str(new_id()),
            "verb": "viewed",
            "object_type": "question",
            "object_id": str(question.id),
            "occurred_at": "2026-11-02T09:15:00Z",
        }
        return {
            "events": ("/events", {"events": [event]}),
            "start": ("/submissions", {"assignment_id": str(assignment.id)}),
            "answer": (f"{submission}/answers", answer),
            "join": ("/classes/join", {"code": self.school.other_class.code}),
            "submit": (f"{submission}/submit", {}),
        }

    @property
    def submission_id(self) -> Any:
        statement = text("SELECT id FROM app.student_submissions WHERE student_id = :student")
        return self.rows.execute(statement, {"student": self.student.id}).scalar_one()

    async def try_everything(self) -> dict[str, httpx2.Response]:
        return {
            name: await self.client.post(f"/api/v1{path}", json=body)
            for name, (path, body) in self._features().items()
        }

    def traces(self) -> dict[str, list[Any]]:
        """Every row about the student's doings."""
        tables = {
            "interaction_events": "actor_id",
            "student_submissions": "student_id",
            "class_enrollments": "student_id",
            "grades": "student_id",
        }
        found = {
            table: f"SELECT t::text FROM app.{table} t WHERE {column} = :student ORDER BY 1"
            for table, column in tables.items()
        }
        found["student_answers"] = (
            "SELECT a::text FROM app.student_answers a JOIN app.student_submissions s"
            " ON s.id = a.submission_id WHERE s.student_id = :student ORDER BY 1"
        )
        values = {"student": self.student.id}
        return {name: list(self.rows.execute(text(query), values).scalars()) for name, query in found.items()}


async def sit_down(api: Api, keys: KeyRing, rows: Session, school: SchoolBench, born: date) -> Desk:
    student = school.classmate
    make_submission(rows, school.assignment, student)
    tenant = actor_of(student).tenant
    student.birth_date_encrypted = seal_birth_date(keys.columns, born, tenant)
    rows.flush()
    email = make_identity(rows, student, keys)
    login = await api.anonymous.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    return Desk(api.signed_in_with(data_of(login)["access_token"]), school, student, rows)


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("age", AGES)
async def test_every_feature_asks_for_children_and_for_nobody_else(
    *,
    api: Api,
    keys: KeyRing,
    rows: Session,
    school: SchoolBench,
    clock: StandingClock,
    age: str,
    history: str,
) -> None:
    desk = await sit_down(api, keys, rows, school, birth_date(age, clock.now.date()))
    for basis, decision in HISTORIES[history]:
        make_consent(rows, desk.student, ConsentScope.COLLECTION, decision, basis)
    before = desk.traces()
    answers = await desk.try_everything()
    if age in {"13 today", "15"} or history in OPEN_TO_A_CHILD:
        assert {name: answer.status_code // 100 for name, answer in answers.items()} == dict.fromkeys(
            answers, 2
        )
        assert desk.traces() != before
    else:
        for answer in answers.values():
            refusal_of(answer, 403, "consent_required")
        assert desk.traces() == before


async def test_after_a_withdrawal_nothing_is_written_with_an_old_token(family: Family) -> None:
    link = await family.arrived()
    child = await family.signed_in()
    clicks = [
        {
            "event_id": str(new_id()),
            "verb": "viewed",
            "object_type": "page",
            "occurred_at": "2026-11-02T09:15:00Z",
        }
        for _ in range(2)
    ]
    accepted = data_of(await child.post("/api/v1/events", json={"events": clicks[:1]}))
    assert accepted["accepted"] == 1
    counted = text("SELECT count(*) FROM app.interaction_events WHERE actor_id = :child")
    (account,) = family.accounts()
    data_of(await family.decide(link, collection="revoked"))
    refusal_of(await child.post("/api/v1/events", json={"events": clicks[1:]}), 401, "session_ended")
    assert family.rows.execute(counted, {"child": account.id}).scalar_one() == 1


@pytest.mark.parametrize(("age", "extra"), [("10", 2), ("15", 0)])
async def test_only_children_cost_the_question(
    *,
    api: Api,
    keys: KeyRing,
    rows: Session,
    school: SchoolBench,
    clock: StandingClock,
    statements: StatementCounter,
    age: str,
    extra: int,
) -> None:
    """The lock on the account and the decisions: two statements for a child, none for anybody else."""
    desk = await sit_down(api, keys, rows, school, birth_date(age, clock.now.date()))
    make_consent(rows, desk.student)
    body = {"events": [{}]}
    await desk.client.post("/api/v1/events", json=body)
    with statements.counting() as seen:
        data_of(await desk.client.post("/api/v1/events", json=body))
    asked = [statement for statement in seen if "app.consents" in statement or "app.users" in statement]
    assert len(asked) == extra
