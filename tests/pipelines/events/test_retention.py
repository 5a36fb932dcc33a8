"""Old events leave PostgreSQL when, and only when, the lake has them."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ops.event_retention import drop_empty_chunks, prune_events
from pipelines.events.assets import LakeConfig, events
from pipelines.publication.assets import served_marts
from pipelines.resources import announce_tenant
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import Caller
from warehouse.events import EVENTS
from warehouse.manifest import served_manifest
from warehouse.verification import FileCorruptedError

LATER = datetime.now(UTC) + timedelta(days=3)
"""Everything recorded so far is old by then."""


@pytest.fixture
def published(call: Caller, bench: DistrictBench) -> Caller:
    """The lake as served; `bench` made sure that there are events."""
    assert bench.schools
    call(events, config=LakeConfig())
    call(served_marts)
    return call


def _held(call: Caller) -> int:
    with call.admin.transaction():
        announce_tenant(call.admin, call.tenant)
        (count,) = call.admin.execute(
            "SELECT count(*) FROM app.interaction_events WHERE district_id = %s", [call.tenant.value]
        ).fetchone() or (0,)
    return int(count)


def test_what_the_lake_has_goes(published: Caller) -> None:
    before = _held(published)
    assert before > 0
    rehearsed = prune_events(published.admin, published.folder, before=LATER, dry_run=True)
    assert (rehearsed.removed, rehearsed.kept, _held(published)) == (before, 0, before)
    pruned = prune_events(published.admin, published.folder, before=LATER)
    assert (pruned.removed, pruned.kept, _held(published)) == (before, 0, 0)
    again = prune_events(published.admin, published.folder, before=LATER)
    assert (again.removed, again.kept) == (0, 0)
    assert served_manifest(published.folder).entry(EVENTS.name).rows == before


def test_what_is_young_stays(published: Caller) -> None:
    before = _held(published)
    pruned = prune_events(published.admin, published.folder, before=datetime(2020, 1, 1, tzinfo=UTC))
    assert (pruned.days, pruned.removed, _held(published)) == (0, 0, before)


def test_what_came_after_the_publication_stays(published: Caller, admin: psycopg.Connection) -> None:
    """An event of an old day may arrive late: it stays until a later publication has it."""
    before = _held(published)
    admin.execute(
        "INSERT INTO app.interaction_events (district_id, actor_id, event_id, event_time, verb, object_type, "
        "occurred_at, received_at) SELECT district_id, actor_id, gen_random_uuid(), event_time, verb, object_type, "
        "occurred_at, received_at FROM app.interaction_events WHERE district_id = %s LIMIT 1",
        [published.tenant.value],
    )
    pruned = prune_events(published.admin, published.folder, before=LATER)
    assert (pruned.removed, pruned.kept, _held(published)) == (before, 1, 1)


def test_nothing_goes_on_the_word_of_a_damaged_file(published: Caller) -> None:
    before = _held(published)
    entry = served_manifest(published.folder).entry(EVENTS.name)
    path = published.folder.local_root / entry.files[0].path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(FileCorruptedError):
        prune_events(published.admin, published.folder, before=LATER)
    assert _held(published) == before


def test_nothing_goes_before_the_first_publication(call: Caller, bench: DistrictBench) -> None:
    assert bench.schools
    before = _held(call)
    pruned = prune_events(call.admin, call.folder, before=LATER)
    assert (pruned.removed, pruned.kept) == (0, before)


def test_chunks_that_still_hold_events_are_not_dropped(published: Caller) -> None:
    before = _held(published)
    drop_empty_chunks(published.admin, before=LATER)
    assert _held(published) == before
