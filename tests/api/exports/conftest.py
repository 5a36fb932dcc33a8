"""A class's marts by hand, a teacher and admins who ask, and a worker at the test's clock."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.exports.tasks import write_export
from core.config import Settings
from core.db import Database
from core.jobs import Workplace
from core.key_file import KeyFile
from core.keys import KeyRing
from core.models import DataExport, User
from core.tenancy import TenantId
from tests.api.envelopes import data_of
from tests.factories.marts import serve
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api, StandingClock
from warehouse.folder import DistrictFolder

EXPORTS = "/api/v1/analytics/exports"


@dataclass
class Office:
    """Asks at the door, works as the worker would, and reads what was made."""

    api: Api
    rows: Session
    place: Workplace
    bench: DistrictBench
    folder: DistrictFolder

    async def ask(self, user: User, **body: Any) -> UUID:
        answer = await self.api.signed_in(user).post(EXPORTS, json=body)
        return UUID(data_of(answer, 202)["export_id"])

    async def work(self, export_id: UUID) -> DataExport:
        self.place.use()
        await write_export(district_id=str(self.bench.district.district_id), export_id=str(export_id))
        return self.row(export_id)

    async def make(self, user: User, **body: Any) -> DataExport:
        return await self.work(await self.ask(user, **body))

    async def read(self, user: User, export: DataExport) -> bytes:
        answer = await self.api.signed_in(user).get(f"{EXPORTS}/{export.id}/file")
        assert answer.status_code == 200, answer.text
        return answer.content

    def row(self, export_id: UUID) -> DataExport:
        statement = select(DataExport).where(DataExport.id == export_id)
        return self.rows.scalars(statement.execution_options(populate_existing=True)).one()

    def limit(self, **changes: Any) -> None:
        self.place = replace(self.place, settings=self.place.settings.model_copy(update=changes))


@pytest.fixture
def office(
    *,
    app: FastAPI,
    api: Api,
    bench: DistrictBench,
    rows: Session,
    clock: StandingClock,
    database: Database,
    settings: Settings,
    keys: KeyRing,
) -> Office:
    del keys  # the file exists now
    place = Workplace(database=database, keys=KeyFile(settings.keys_path), settings=settings, clock=clock)
    tenant = TenantId.from_command_line(bench.district.district_id)
    folder = app.state.warehouse.district(tenant)
    serve(folder, _marts(bench))
    return Office(api, rows, place, bench, folder)


def _marts(bench: DistrictBench) -> dict[str, list[dict[str, Any]]]:
    """A grade and two bands in each school; the second school's are not the first one's business."""
    marts: dict[str, list[dict[str, Any]]] = {
        "gradebook": [],
        "concept_mastery": [],
        "class_performance": [],
        "events": [],
    }
    for school in bench.schools:
        place = {"school_id": str(school.school.id), "class_id": str(school.school_class.id)}
        student = str(school.student.id)
        grade = {"student_id": student, "assignment_id": str(school.assignment.id), "category": "=1+1"}
        marts["gradebook"].append({**place, **grade, "score": Decimal("1.5"), "possible": Decimal(2)})
        known = {"student_id": student, "concept_id": str(bench.concept.id), "band": "secure"}
        marts["concept_mastery"].append({"school_id": place["school_id"], **known})
        size = {"student_count": 12, "graded_count": 12, "average_percent": 70.4, "school_year": "2026-2027"}
        marts["class_performance"].append({**place, **size})
        marts["events"].append({**place, "actor_id": student, "event_id": student, "payload": "{}"})
    return marts
