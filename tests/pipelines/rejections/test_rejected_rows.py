"""Rows that break a rule of the catalogue are left out with the reason, and nobody else's are."""

import polars as pl
import psycopg
import pytest

from pipelines.ai.assets import ai_interactions
from pipelines.answers.assets import answers
from pipelines.attempts.assets import attempts
from pipelines.events.assets import LakeConfig, events
from pipelines.gradebook.assets import class_grades, gradebook
from pipelines.rejections.assets import rejected_rows
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.runner import run_districts
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import RUN_ID, Caller, settle, written
from warehouse.answers import ANSWERS
from warehouse.attempts import ATTEMPTS
from warehouse.catalog import MARTS
from warehouse.events import EVENTS
from warehouse.manifest import served_manifest
from warehouse.mart import Mart
from warehouse.rejections import REJECTED_ROWS, SOURCES
from warehouse.row_rules import split_rows
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry


def _gather(call: Caller) -> pl.DataFrame:
    call(events, config=LakeConfig())
    for asset in (answers, attempts, class_grades, gradebook, ai_interactions, rejected_rows):
        call(asset)
    return written(call, REJECTED_ROWS)


def test_a_district_with_sound_rows_has_no_dead_letters(call: Caller) -> None:
    assert _gather(call).is_empty()


@pytest.fixture
def poison(admin: psycopg.Connection, bench: DistrictBench) -> dict[str, str]:
    """An option that does not exist, an attempt that ended before it began and an event before the first."""
    school = bench.schools[0]
    answer, submission = school.choice_answer.id, school.submission.id
    admin.execute("""UPDATE app.student_answers SET answer = '{"option_id": "z"}' WHERE id = %s""", [answer])
    admin.execute(
        "UPDATE app.student_submissions SET submitted_at = started_at - interval '1 day' WHERE id = %s",
        [submission],
    )
    return {"answers": str(answer), "attempts": str(submission)}


def _of(letters: pl.DataFrame, mart: Mart) -> list[tuple[str, str]]:
    return letters.filter(pl.col("mart") == mart.name).select("row_key", "reason").rows()


def test_a_row_that_breaks_a_rule_is_left_out_with_the_reason_and_counted(
    call: Caller, poison: dict[str, str]
) -> None:
    letters = _gather(call)
    ((key, reason),) = _of(letters, ANSWERS)
    assert poison["answers"] in key
    assert reason == "selected_option is none of: a, b, c, d"
    ((_, reason),) = _of(letters, ATTEMPTS)
    assert reason == "started_at is greater than submitted_at"
    assert poison["answers"] not in written(call, ANSWERS)["answer_id"].to_list()
    entry = staged_entry(call.folder, ANSWERS.name, RUN_ID)
    assert entry is not None
    assert entry.is_reconciled
    assert (entry.rejected_rows, entry.rows) == (1, (entry.source_rows or 0) - 1)


def test_one_bad_row_keeps_no_other_row_from_being_served(
    call: Caller, poison: dict[str, str], postgres: PostgresResource, warehouse: WarehouseResource
) -> None:
    settle(call.admin)
    (run,) = run_districts([str(call.tenant)], postgres=postgres, warehouse=warehouse)
    assert run.succeeded, run.problems
    assert any("nothing_was_left_out" in warning for warning in run.warnings)
    manifest = served_manifest(call.folder)
    assert manifest.entry("rejected_rows").rows == len(poison)
    assert manifest.entry("answers").rows > 0


def test_a_dead_letter_among_the_events_is_remembered_by_later_runs(
    call: Caller,
    admin: psycopg.Connection,
    bench: DistrictBench,
    postgres: PostgresResource,
    warehouse: WarehouseResource,
) -> None:
    """The lake reads each event once; what it left out then is still left out."""
    admin.execute(
        "UPDATE app.interaction_events SET client_seq = -1 "
        "WHERE ctid = (SELECT min(ctid) FROM app.interaction_events WHERE district_id = %s)",
        [bench.district.district_id],
    )
    for _ in range(2):
        settle(admin)
        (run,) = run_districts([str(call.tenant)], postgres=postgres, warehouse=warehouse)
        assert run.succeeded, run.problems
        letters = scan_mart(
            call.folder, REJECTED_ROWS, served_manifest(call.folder).entry("rejected_rows")
        ).collect()
        ((key, reason),) = _of(letters, EVENTS)
        assert reason == "client_seq is under 0"
        assert "event_time" in key


@pytest.mark.parametrize("name", SOURCES)
def test_rows_that_share_a_key_are_all_left_out(name: str) -> None:
    mart = MARTS[name]
    twice = pl.DataFrame([dict.fromkeys(mart.schema)] * 2, schema=mart.schema)
    kept, letters = split_rows(mart, twice)
    assert kept.is_empty()
    assert "another row has the same key" in letters["reason"].to_list()
    assert {f"{column} is missing" for column in mart.required_columns} <= set(letters["reason"])
