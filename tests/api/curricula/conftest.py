"""A teacher with files that were read, the worker's tasks, and a provider that does what the test says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.curricula.tasks import outline_curriculum, regenerate_section, write_bank
from api.generation.running import model_of
from core.config import Settings
from core.db import Database
from core.jobs import Workplace
from core.key_file import KeyFile
from core.keys import KeyRing
from core.models import BackgroundJob, BankGeneration, UploadedFile, User
from tests.api.envelopes import data_of
from tests.factories.curriculum import make_file
from tests.factories.files.lesson import UNITS as LESSON
from tests.factories.world import SchoolBench
from tests.fixtures.openai import FakeOpenAi
from tests.fixtures.web import Api, StandingClock

CURRICULA = "/api/v1/curricula"
UNITS = {
    unit: [
        *texts,
        f"What we saw of {unit.lower()} in the garden stands in our notebooks, with a drawing.",
    ]
    for unit, texts in LESSON.items()
}
"""Long enough that each makes a section of its own."""
ANY = {"If-Match": "*"}


@dataclass
class Workshop:
    """Asks at the public door and works as the worker would, at the test's clock."""

    api: Api
    school: SchoolBench
    rows: Session
    clock: StandingClock
    place: Workplace
    provider: FakeOpenAi

    @property
    def teacher(self) -> User:
        return self.school.teacher

    @property
    def client(self) -> httpx2.AsyncClient:
        return self.api.signed_in(self.teacher)

    def file(self, units: dict[str, list[str]] | None = None) -> UploadedFile:
        """A file of the teacher's with a heading and paragraphs for each unit."""
        file = make_file(self.rows, self.teacher)
        blocks = [
            {"kind": kind, "text": text, "page": page, "level": 1 if kind == "heading" else None}
            for page, (unit, texts) in enumerate((units or UNITS).items(), start=1)
            for kind, text in [("heading", unit), *(("paragraph", text) for text in texts)]
        ]
        file.extraction = {"blocks": blocks, "pages": len(units or UNITS), "language": "en"}
        self.rows.commit()
        return file

    async def ask(self, *files: UploadedFile, title: str = "How plants live") -> dict[str, Any]:
        body = {"title": title, "file_ids": [str(file.id) for file in files]}
        started: dict[str, Any] = data_of(await self.client.post(CURRICULA, json=body), 202)
        return started

    async def outline(self, started: dict[str, Any]) -> BackgroundJob:
        self.place.use()
        await outline_curriculum(district_id=self.district, curriculum_id=started["curriculum_id"])
        return self.job(started["job_id"])

    async def made(self, *files: UploadedFile) -> dict[str, Any]:
        """A curriculum with its sections, as its teacher sees it."""
        started = await self.ask(*(files or [self.file()]))
        job = await self.outline(started)
        assert job.error is None
        return await self.shown(started["curriculum_id"])

    async def regenerate(self, curriculum_id: str, section_id: str, job_id: str) -> BackgroundJob:
        self.place.use()
        ids = {"curriculum_id": curriculum_id, "section_id": section_id, "job_id": job_id}
        await regenerate_section(district_id=self.district, **ids)
        return self.job(job_id)

    async def ask_bank(self, curriculum_id: str, **more: Any) -> dict[str, Any]:
        body = {"counts": {"multiple_choice": 2, "free_response": 1}, **more}
        answer = await self.client.post(f"{CURRICULA}/{curriculum_id}/questions", json=body)
        started: dict[str, Any] = data_of(answer, 202)
        return started

    async def write(self, started: dict[str, Any]) -> BackgroundJob:
        self.place.use()
        generation = self.generation(started)
        await write_bank(district_id=self.district, generation_id=str(generation.id))
        return self.job(started["job_id"])

    def generation(self, started: dict[str, Any]) -> BankGeneration:
        statement = select(BankGeneration).where(BankGeneration.job_id == started["job_id"])
        return self.rows.scalars(statement.execution_options(populate_existing=True)).one()

    async def questions(self, bank_id: str) -> list[dict[str, Any]]:
        answer = await self.client.get(f"/api/v1/question-banks/{bank_id}/questions?limit=100")
        found: list[dict[str, Any]] = data_of(answer)["items"]
        return found

    async def shown(self, curriculum_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = data_of(await self.client.get(f"{CURRICULA}/{curriculum_id}"))
        return shown

    def job(self, job_id: str) -> BackgroundJob:
        statement = select(BackgroundJob).where(BackgroundJob.id == UUID(job_id))
        return self.rows.scalars(statement.execution_options(populate_existing=True)).one()

    def with_settings(self, **changes: Any) -> None:
        self.place = replace(self.place, settings=self.place.settings.model_copy(update=changes))

    def pass_time(self, minutes: float) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @property
    def district(self) -> str:
        return str(self.teacher.district_id)


@pytest_asyncio.fixture
async def workshop(
    *,
    api: Api,
    school: SchoolBench,
    rows: Session,
    clock: StandingClock,
    database: Database,
    settings: Settings,
    keys: KeyRing,
    fake_openai: FakeOpenAi,
) -> AsyncIterator[Workshop]:
    del keys  # the file exists now
    place = Workplace(
        database=database,
        keys=KeyFile(settings.keys_path),
        settings=fake_openai.settings(settings),
        clock=clock,
    )
    workshop = Workshop(api, school, rows, clock, place, fake_openai)
    yield workshop
    await model_of(workshop.place).close()
