"""A student's written answers, the worker's task, and a provider that does what the test says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.generation.running import model_of
from api.submissions.tasks import triage_free_response
from core.config import Settings
from core.db import Database
from core.jobs import Workplace
from core.key_file import KeyFile
from core.keys import KeyRing
from core.models import AiGrading, BackgroundJob, ConsentScope, Question, StudentAnswer
from tests.api.submissions.conftest import Desk, open_desk
from tests.factories.consent import make_consent
from tests.factories.world import SchoolBench
from tests.fixtures.openai import FakeOpenAi
from tests.fixtures.web import Api, StandingClock

ESSAY = "Plants make sugar from light, water and carbon dioxide."
MODEL_ANSWER = "They make sugar from light, water and carbon dioxide."
RUBRIC = [
    {"criterion": "Names what plants make", "points": "1"},
    {"criterion": "Names what they need", "points": "1"},
]


@dataclass
class Bureau:
    """Answers at the public door and grades as the worker would, at the test's clock."""

    api: Api
    school: SchoolBench
    rows: Session
    clock: StandingClock
    place: Workplace
    provider: FakeOpenAi

    async def desk(self) -> Desk:
        return await open_desk(self.api.signed_in(self.school.classmate), self.school)

    async def work(self, shown: dict[str, Any]) -> AiGrading | None:
        """Run the answer's job once; return the newest line of the ledger."""
        self.place.use()
        await triage_free_response(
            district_id=str(self.school.school.district_id), answer_id=shown["id"], job_id=shown["job_id"]
        )
        return self.grading(shown["id"])

    def grading(self, answer_id: str) -> AiGrading | None:
        return (
            self.rows.query(AiGrading)
            .populate_existing()
            .filter_by(answer_id=UUID(answer_id))
            .order_by(AiGrading.rubric_version.desc())
            .first()
        )

    def answer(self, answer_id: str) -> StudentAnswer:
        return self.rows.query(StudentAnswer).populate_existing().filter_by(id=UUID(answer_id)).one()

    def job(self, job_id: str) -> BackgroundJob:
        return self.rows.query(BackgroundJob).populate_existing().filter_by(id=UUID(job_id)).one()

    def release_from(self, confidence: str | None) -> None:
        """Let the district release scores by themselves from a confidence on."""
        self.rows.execute(
            text("UPDATE app.district_settings SET ai_release_confidence = :least WHERE district_id = :id"),
            {
                "least": None if confidence is None else Decimal(confidence),
                "id": self.school.school.district_id,
            },
        )

    async def work_with(self, **changes: Any) -> None:
        """Work with other settings, in another worker: its circuit breaker has seen nothing."""
        await model_of(self.place).close()
        self.place = replace(self.place, settings=self.place.settings.model_copy(update=changes))

    def later(self, minutes: float) -> None:
        self.clock.advance(timedelta(minutes=minutes))


@pytest_asyncio.fixture(loop_scope="session")
async def bureau(
    *,
    api: Api,
    school: SchoolBench,
    rows: Session,
    clock: StandingClock,
    database: Database,
    settings: Settings,
    keys: KeyRing,
    fake_openai: FakeOpenAi,
) -> AsyncIterator[Bureau]:
    del keys  # the file exists now
    question = rows.query(Question).filter_by(id=school.free_question.id).one()
    question.prompt, question.model_answer = "What do plants make, and from what?", MODEL_ANSWER
    question.rubric = RUBRIC
    rows.flush()
    for scope in (ConsentScope.COLLECTION, ConsentScope.AI_PROCESSING):
        make_consent(rows, school.classmate, scope)
    place = Workplace(
        database=database,
        keys=KeyFile(settings.keys_path),
        settings=fake_openai.settings(settings),
        clock=clock,
    )
    bureau = Bureau(api, school, rows, clock, place, fake_openai)
    yield bureau
    await model_of(bureau.place).close()


@pytest.fixture
def released(bureau: Bureau) -> Bureau:
    bureau.release_from("0.5")
    return bureau
