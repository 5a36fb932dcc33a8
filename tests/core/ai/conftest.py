"""A model client of an installation that asks the local provider, for one new district."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ai import Ask, Prompt
from core.config import Settings
from core.db import Database
from core.ids import new_id
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId
from tests.core.ai.desk import Answer, Desk
from tests.factories.world import DistrictBench
from tests.fixtures.openai import FakeOpenAi


@pytest.fixture
def context(bench: DistrictBench, rows: Session) -> TenantContext:
    """A district that has asked no model yet and decided nothing about them."""
    for table in ("ai_interactions", "ai_spending", "district_settings"):
        statement = text(f"DELETE FROM app.{table} WHERE district_id = :district")
        rows.execute(statement, {"district": bench.district.district_id})
    rows.expunge_all()
    return TenantContext(TenantId.from_auth_function(bench.district.district_id), DISTRICT_SCOPE)


@pytest.fixture
def question() -> Callable[..., Ask[Answer]]:
    """Make a question about one piece of work; say what shall differ."""
    subject_id = new_id()

    def make(**changes: Any) -> Ask[Answer]:
        plain: dict[str, Any] = {
            "purpose": "tests",
            "subject_id": subject_id,
            "prompt": Prompt("tests", 1, "Answer.", ()),
            "reply": Answer,
            "data": {"source": "What is six times seven?"},
        }
        return Ask(**(plain | changes))

    return make


@pytest_asyncio.fixture
async def desk(
    database: Database, settings: Settings, keys: Any, context: TenantContext, fake_openai: FakeOpenAi
) -> AsyncIterator[Desk]:
    opened = Desk(database, settings, keys.columns, context, fake_openai)
    yield opened
    await opened.close()


@pytest.fixture
def ledger_rows(rows: Session, context: TenantContext) -> Callable[[], list[Any]]:
    """Return the district's interactions, oldest first."""
    statement = text("SELECT * FROM app.ai_interactions WHERE district_id = :district ORDER BY id")
    return lambda: list(rows.execute(statement, {"district": context.tenant.value}))


@pytest.fixture
def spending(rows: Session, context: TenantContext) -> Callable[[], dict[Any, tuple[Any, Any]]]:
    """Return what is spent and what is set aside, by month."""
    statement = text(
        "SELECT month, spent_usd, reserved_usd FROM app.ai_spending WHERE district_id = :district"
    )
    return lambda: {
        row.month: (row.spent_usd, row.reserved_usd)
        for row in rows.execute(statement, {"district": context.tenant.value})
    }
