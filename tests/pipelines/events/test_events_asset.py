import polars as pl
import psycopg
import pytest
from sqlalchemy.orm import Session

from pipelines.events.assets import LakeConfig, events
from pipelines.resources import PostgresResource
from tests.factories.interaction_event import make_interaction_event
from tests.factories.world import DistrictBench, make_district_bench
from tests.fixtures.schema import MigratedDatabase
from tests.pipelines.conftest import RUN_ID, Caller
from warehouse.events import EVENTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import publish
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry


def _lake(folder: DistrictFolder) -> pl.DataFrame:
    entry = staged_entry(folder, "events", RUN_ID)
    assert entry is not None
    return scan_mart(folder, EVENTS, entry).collect()


def _serve(folder: DistrictFolder) -> None:
    entry = staged_entry(folder, "events", RUN_ID)
    assert entry is not None
    publish(folder, [entry], run_id=RUN_ID, computed_at=entry.as_of)


def test_the_lake_takes_in_the_districts_own_events_and_no_others(
    call: Caller, bench: DistrictBench, rows: Session
) -> None:
    make_district_bench(rows)
    result = call(events, config=LakeConfig())
    lake = _lake(call.folder)
    assert set(lake["actor_id"]) == {str(school.student.id) for school in bench.schools}
    assert set(lake["district_id"]) == {str(bench.district.district_id)}
    assert result.metadata["dagster/row_count"] == lake.height == 2
    assert EVENTS.schema == lake.schema


def test_the_next_run_reads_only_what_was_recorded_since(
    call: Caller, bench: DistrictBench, rows: Session
) -> None:
    call(events, config=LakeConfig())
    _serve(call.folder)
    event = make_interaction_event(rows, bench.schools[0].submission)
    result = call(events, config=LakeConfig())
    assert result.metadata["arrived"] == 1
    assert str(event.event_id) in _lake(call.folder)["event_id"].to_list()
    assert _lake(call.folder).height == 3


def test_an_event_whose_transaction_is_open_waits_and_is_never_skipped(
    call: Caller, bench: DistrictBench, rows: Session, migrated: MigratedDatabase
) -> None:
    """Commit order is not the order of ids: a watermark that took the newest id would lose the older one."""
    late = bench.schools[0].submission
    with psycopg.connect(migrated.dsn) as slow:
        slow.execute(
            "INSERT INTO app.interaction_events (district_id, school_id, actor_id, event_id, event_time, verb, "
            "object_type, occurred_at, received_at) SELECT district_id, school_id, actor_id, gen_random_uuid(), "
            "event_time, 'clicked', object_type, occurred_at, received_at FROM app.interaction_events "
            "WHERE submission_id = %s LIMIT 1",
            [late.id],
        )
        quick = make_interaction_event(rows, late)
        call(events, is_settled=False, config=LakeConfig())
        _serve(call.folder)
        served = call.folder.read("manifest.json")
        assert served is not None
        lake = _lake(call.folder)
        assert str(quick.event_id) not in lake["event_id"].to_list()
        entry = staged_entry(call.folder, "events", RUN_ID)
        assert entry is not None
        assert entry.as_of <= quick.created_at
        slow.commit()
    call(events, config=LakeConfig())
    assert "clicked" in _lake(call.folder)["verb"].to_list()
    assert str(quick.event_id) in _lake(call.folder)["event_id"].to_list()
    assert _lake(call.folder).height == 4


def test_a_rebuild_keeps_what_only_the_lake_still_has(
    call: Caller, bench: DistrictBench, admin: psycopg.Connection
) -> None:
    call(events, config=LakeConfig())
    _serve(call.folder)
    before = _lake(call.folder)
    admin.execute("DELETE FROM app.interaction_events WHERE actor_id = %s", [bench.schools[0].student.id])
    call(events, config=LakeConfig(rebuild=True))
    assert _lake(call.folder).equals(before)


def test_pipeline_rw_cannot_touch_the_event_table_itself(postgres: PostgresResource, call: Caller) -> None:
    with postgres.transaction(call.tenant) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT 1 FROM app.interaction_events")
