"""A teacher with a chapter, the worker's tasks, and a provider that does what the test says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.generation.running import model_of
from api.generation.tasks import write_questions
from core.config import Settings
from core.db import Database
from core.jobs import Workplace
from core.key_file import KeyFile
from core.keys import KeyRing
from core.models import BackgroundJob, Question, QuestionCandidate, QuizGeneration
from tests.api.envelopes import data_of
from tests.factories.world import SchoolBench
from tests.fixtures.openai import FakeOpenAi
from tests.fixtures.web import Api, StandingClock

CHAPTERS = Path(__file__).parents[2] / "data" / "chapters"
ASSIGNMENTS = "/api/v1/assignments"


def chapter(name: str = "photosynthesis") -> str:
    return (CHAPTERS / f"{name}.txt").read_text(encoding="utf-8")


@dataclass
class Studio:
    """Asks at the public door and works as the worker would, at the test's clock."""

    api: Api
    school: SchoolBench
    rows: Session
    clock: StandingClock
    place: Workplace
    provider: FakeOpenAi

    async def ask(
        self, text: str | None = None, *, choices: int = 4, frees: int = 1, **more: Any
    ) -> dict[str, Any]:
        body = {
            "class_id": str(self.school.school_class.id),
            "source": {"text": chapter() if text is None else text},
            "counts": {"multiple_choice": choices, "free_response": frees},
            **more,
        }
        started: dict[str, Any] = data_of(
            await self.api.signed_in(self.school.teacher).post(f"{ASSIGNMENTS}/generate", json=body), 202
        )
        return started

    async def work(self, started: dict[str, Any]) -> BackgroundJob:
        """Run the job once, as a worker does whenever its time has come; return how it stands."""
        self.place.use()
        generation = self.generation_of(started)
        await write_questions(
            district_id=str(generation.district_id),
            generation_id=str(generation.id),
            job_id=started["job_id"],
        )
        return self.job_of(started)

    async def work_until_it_ends(self, started: dict[str, Any], hours: float = 2) -> BackgroundJob:
        """Let time pass a minute at a time until the job has ended."""
        for _ in range(int(hours * 60)):
            job = await self.work(started)
            if job.finished_at is not None:
                return job
            self.clock.advance(timedelta(minutes=1))
        return job

    def limit_waiting(self, *, seconds: float, **changes: Any) -> None:
        """Work with other settings: how long a model may take, and whatever else is named."""
        settings = self.place.settings.model_copy(update={"openai_timeout_seconds": seconds, **changes})
        self.place = replace(self.place, settings=settings)

    def generation_of(self, started: dict[str, Any]) -> QuizGeneration:
        return self.rows.scalars(
            select(QuizGeneration)
            .where(QuizGeneration.job_id == started["job_id"])
            .execution_options(populate_existing=True)
        ).one()

    def job_of(self, started: dict[str, Any]) -> BackgroundJob:
        statement = select(BackgroundJob).where(BackgroundJob.id == started["job_id"])
        return self.rows.scalars(statement.execution_options(populate_existing=True)).one()

    def questions_of(self, started: dict[str, Any]) -> list[Question]:
        statement = select(Question).where(Question.assignment_id == started["assignment_id"])
        return list(
            self.rows.scalars(statement.order_by(Question.position).execution_options(populate_existing=True))
        )

    def candidates_of(self, started: dict[str, Any]) -> list[QuestionCandidate]:
        generation = self.generation_of(started)
        statement = select(QuestionCandidate).where(QuestionCandidate.generation_id == generation.id)
        return list(self.rows.scalars(statement.execution_options(populate_existing=True)))


@pytest_asyncio.fixture
async def studio(
    api: Api,
    school: SchoolBench,
    rows: Session,
    clock: StandingClock,
    database: Database,
    settings: Settings,
    keys: KeyRing,
    fake_openai: FakeOpenAi,
) -> AsyncIterator[Studio]:
    del keys  # the file exists now
    place = Workplace(
        database=database,
        keys=KeyFile(settings.keys_path),
        settings=fake_openai.settings(settings),
        clock=clock,
    )
    studio = Studio(api, school, rows, clock, place, fake_openai)
    yield studio
    await model_of(studio.place).close()
