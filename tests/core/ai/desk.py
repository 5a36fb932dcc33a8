"""Asking in tests: one installation, one district, a clock that stands until told otherwise."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.ai import Ask, Model, Reply
from core.config import Settings
from core.db import Database
from core.encryption import ColumnKeys
from core.tenancy import TenantContext
from tests.fixtures.openai import FakeOpenAi

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answer: str


def good(answer: str = "42") -> str:
    return Answer(answer=answer).model_dump_json()


class Desk:
    """Asks for one district. `change` gives the installation other settings (and a breaker that knows nothing)."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        columns: ColumnKeys,
        context: TenantContext,
        provider: FakeOpenAi,
    ) -> None:
        self.database, self.columns, self.context, self.provider = database, columns, context, provider
        self.now = NOON
        self._settings = provider.settings(settings)
        self._models = [self._model()]

    def change(self, **settings: Any) -> "Desk":
        self._settings = self._settings.model_copy(update=settings)
        self._models.append(self._model())
        return self

    async def ask(self, question: Ask[Answer]) -> Reply[Answer]:
        return await self._models[-1].ask(self.context, self.columns, question)

    async def close(self) -> None:
        for model in self._models:
            await model.close()

    def _model(self) -> Model:
        return Model(self.database, self._settings, lambda: self.now)
