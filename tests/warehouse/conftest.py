"""Two districts' folders on disk and a few rows to put into them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from core.tenancy import TenantId
from warehouse.answers import ANSWERS
from warehouse.events import EVENTS
from warehouse.folder import DistrictFolder, Warehouse, open_warehouse
from warehouse.manifest import Manifest, publish
from warehouse.mart import Mart
from warehouse.writer import write_mart

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
OURS = TenantId.from_partition_key("01900000-0000-7000-8000-00000000000a")
THEIRS = TenantId.from_partition_key("01900000-0000-7000-8000-00000000000b")
CLASS_ID = UUID("01900000-0000-7000-8000-0000000000c1")


def answer_rows(count: int, *, tenant: TenantId = OURS) -> pl.DataFrame:
    rows = [_answer_row(number, tenant) for number in range(count)]
    return pl.DataFrame(rows, schema_overrides=dict(ANSWERS.schema)) if rows else ANSWERS.empty()


def _answer_row(number: int, tenant: TenantId) -> dict[str, Any]:
    return {
        "district_id": str(tenant),
        "school_id": "school-1",
        "class_id": str(CLASS_ID),
        "assignment_id": "assignment-1",
        "question_id": f"question-{number % 3}",
        "question_kind": "multiple_choice",
        "difficulty": "medium",
        "concept_ids": ["fractions"],
        "student_id": f"student-{number % 5}",
        "submission_id": f"submission-{number}",
        "attempt_number": 1,
        "answer_id": f"answer-{number:06}",
        "answered_at": NOW + timedelta(seconds=number),
        "selected_option": "a",
        "is_correct": number % 2 == 0,
        "score": None,
        "possible": 1,
        "outcome": None,
        "time_spent_ms": 1000,
        "is_counted": True,
        "is_first_graded": False,
    }


def event_rows(day: datetime, count: int) -> pl.DataFrame:
    blank = dict.fromkeys(EVENTS.schema.names())
    rows = [
        blank
        | {
            "district_id": str(OURS),
            "event_id": f"event-{number}",
            "event_time": day + timedelta(seconds=number),
            "actor_id": "student-1",
            "verb": "viewed",
            "object_type": "page",
            "occurred_at": day,
            "received_at": day,
            "payload": "{}",
        }
        for number in range(count)
    ]
    return pl.DataFrame(rows, schema_overrides=dict(EVENTS.schema))


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return open_warehouse(str(tmp_path / "warehouse"), tmp_path / "cache")


@pytest.fixture
def folder(warehouse: Warehouse) -> DistrictFolder:
    return warehouse.district(OURS)


@pytest.fixture
def foreign_folder(warehouse: Warehouse) -> DistrictFolder:
    return warehouse.district(THEIRS)


@pytest.fixture
def serve() -> Callable[..., Manifest]:
    def serve_rows(
        folder: DistrictFolder, frame: pl.DataFrame, mart: Mart = ANSWERS, run_id: str = "run-1"
    ) -> Manifest:
        entry = write_mart(folder, mart, frame, version=run_id, as_of=NOW)
        return publish(folder, [entry], run_id=run_id, computed_at=NOW + timedelta(seconds=20))

    return serve_rows
