"""Batches of the lake delivered three times in any order, and rows in any order, leave the same bytes."""

import sys
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import psycopg
import pytest
from dagster import build_asset_context

from pipelines.copying import copy_frame
from pipelines.events import assets as event_assets
from pipelines.events.assets import LakeConfig
from tests.fixtures.schema import MigratedDatabase
from tests.oracle.conftest import Pipeline, pipeline_into
from tests.oracle.making import SMALL, make_random_world
from tests.oracle.worlds import load
from tests.pipelines.conftest import RUN_ID, settle
from warehouse.manifest import publish
from warehouse.writer import staged_entry

BATCHES = 4
DELIVERIES = 3
_SEED = 5


class Courier:
    """Stands where the lake reads from PostgreSQL: hands out one batch at a time, its rows in a new order."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.everything = pl.DataFrame()
        self.batch = 0

    def __call__(self, *arguments: Any) -> pl.DataFrame:
        if self.everything.is_empty():
            self.everything = shuffled(copy_frame(*arguments), self.random)
        size = -(-self.everything.height // BATCHES)
        return shuffled(self.everything.slice(self.batch * size, size), self.random)


def shuffled(rows: pl.DataFrame, random: Random) -> pl.DataFrame:
    return rows.sample(fraction=1, shuffle=True, seed=random.randrange(10**6))


def _deliver(pipeline: Pipeline, district_id: object) -> None:
    """Let the lake take in what is handed out, and serve it."""
    event_assets.events(
        build_asset_context(partition_key=str(district_id)),
        config=LakeConfig(),
        postgres=pipeline.postgres,
        warehouse=pipeline.warehouse,
    )
    folder = pipeline.folder(district_id)
    entry = staged_entry(folder, "events", RUN_ID)
    assert entry is not None
    publish(folder, [entry], run_id=RUN_ID, computed_at=entry.as_of)


@pytest.mark.usefixtures("_suites_are_tested_elsewhere")
def test_batches_delivered_three_times_in_any_order_give_byte_equal_marts(
    pipeline: Pipeline,
    admin: psycopg.Connection,
    migrated: MigratedDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, _ = make_random_world(_SEED, size=SMALL)
    load(world, admin)
    pipeline.run(world.district_id)
    replayed = pipeline_into(tmp_path / "replayed", admin, migrated)
    courier = Courier(world.random)
    monkeypatch.setattr(event_assets, "copy_frame", courier)
    settle(admin)
    deliveries = list(range(BATCHES)) * DELIVERIES
    world.random.shuffle(deliveries)
    for courier.batch in deliveries:
        _deliver(replayed, world.district_id)
    _shuffle_every_read(monkeypatch, world.random)
    replayed.run(world.district_id)
    assert replayed.digests(world.district_id) == pipeline.digests(world.district_id)


def _shuffle_every_read(monkeypatch: pytest.MonkeyPatch, random: Random) -> None:
    """PostgreSQL promises no order: give every asset its rows in another one."""

    def read(*arguments: Any) -> pl.DataFrame:
        return shuffled(copy_frame(*arguments), random)

    for name, module in sorted(sys.modules.items()):
        if name.startswith("pipelines.") and name != "pipelines.copying" and hasattr(module, "copy_frame"):
            monkeypatch.setattr(module, "copy_frame", read)
