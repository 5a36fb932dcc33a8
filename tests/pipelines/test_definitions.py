from datetime import UTC, datetime
from pathlib import Path

import pytest
from dagster import AssetsDefinition, DagsterInstance, build_schedule_context, build_sensor_context

from pipelines.definitions import ASSETS, CHECKS, FRESH, definitions
from pipelines.districts.partitions import DISTRICTS
from warehouse.catalog import MARTS

by_asset = pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.key.to_user_string())


def test_the_definitions_load_and_the_job_holds_every_asset_and_check() -> None:
    job = definitions.resolve_job_def("district_refresh")
    assert {key.to_user_string() for key in job.asset_layer.executable_asset_keys} == {
        asset.key.to_user_string() for asset in ASSETS
    }
    expected = {key for check in CHECKS for key in check.check_keys}
    assert set(job.asset_layer.asset_graph.asset_check_keys) == expected


@by_asset
def test_an_asset_says_its_grain_freshness_and_consumer(asset: AssetsDefinition) -> None:
    description = asset.descriptions_by_key[asset.key] or ""
    for word in ("Grain:", "Freshness:", "Consumer:"):
        assert word in description


@by_asset
def test_an_asset_has_owner_kinds_group_and_the_district_partition(asset: AssetsDefinition) -> None:
    spec = asset.get_asset_spec()
    assert spec.owners
    assert spec.kinds
    assert spec.group_name not in {None, "default"}
    assert spec.partitions_def == DISTRICTS


@by_asset
def test_an_asset_has_a_check_that_blocks_what_comes_after(asset: AssetsDefinition) -> None:
    specs = [spec for check in CHECKS for spec in check.check_specs if spec.asset_key == asset.key]
    assert any(spec.blocking for spec in specs)


def test_every_mart_has_an_asset_of_its_name_with_a_suite() -> None:
    assert {asset.key.to_user_string() for asset in ASSETS} >= set(MARTS)
    checks = {spec.name for check in CHECKS for spec in check.check_specs}
    assert {f"{name}_suite" for name in MARTS} <= checks


def test_sensors_run_without_being_switched_on_and_look_often_enough() -> None:
    with DagsterInstance.ephemeral() as instance:
        assert build_sensor_context(instance=instance).instance is instance
    sensors = {sensor.name: sensor for sensor in definitions.sensors or []}
    assert {sensor.default_status.value for sensor in sensors.values()} == {"RUNNING"}
    assert sensors["marts_follow_the_facts"].minimum_interval_seconds == 5


@by_asset
def test_an_asset_that_misses_two_nights_is_overdue(asset: AssetsDefinition) -> None:
    specs = {spec.key: spec for spec in definitions.resolve_all_asset_specs()}
    assert specs[asset.key].freshness_policy == FRESH


def test_every_district_is_refreshed_each_night(tmp_path: Path) -> None:
    (nightly,) = definitions.schedules or []
    assert nightly.default_status.value == "RUNNING"
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        instance.add_dynamic_partitions(str(DISTRICTS.name), ["b", "a"])
        at = datetime(2026, 11, 20, 3, 15, tzinfo=UTC)
        with build_schedule_context(instance=instance, scheduled_execution_time=at) as context:
            requests = list(nightly(context))
    assert [(one.partition_key, one.run_key) for one in requests] == [
        ("a", "2026-11-20:a"),
        ("b", "2026-11-20:b"),
    ]
    assert {one.tags["homeroom/reason"] for one in requests} == {"nightly"}
