from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.warehouse.conftest import CLASS_ID, NOW
from warehouse import queries
from warehouse.catalog import MARTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import publish
from warehouse.reader import MartQuery, answer
from warehouse.writer import write_mart

STUDENTS = [uuid4(), uuid4()]


@pytest.mark.parametrize(
    "build",
    [
        lambda: queries.class_performance(CLASS_ID),
        lambda: queries.class_mastery(CLASS_ID, STUDENTS),
        lambda: queries.class_struggling(CLASS_ID, STUDENTS),
        lambda: queries.class_questions(CLASS_ID),
        lambda: queries.class_questions(CLASS_ID, uuid4()),
        lambda: queries.student_mastery(STUDENTS[0]),
    ],
)
def test_every_query_runs_on_marts_without_rows(
    folder: DistrictFolder, build: Callable[[], MartQuery]
) -> None:
    entries = [write_mart(folder, mart, mart.empty(), version="run-1", as_of=NOW) for mart in MARTS.values()]
    publish(folder, entries, run_id="run-1", computed_at=NOW)
    assert answer(folder, build()).rows == []
