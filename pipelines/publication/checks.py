"""Checks of what is served."""

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    MetadataValue,
    asset_check,
)

from pipelines.failures import classified
from pipelines.publication.assets import served_marts
from pipelines.publication.drift import counters_of_marts, drift, live_counters
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import as_markdown, step_of
from warehouse.answers import ANSWERS
from warehouse.attempts import ATTEMPTS
from warehouse.catalog import MARTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import served_manifest
from warehouse.reader import MartQuery, answer

_SHOWN = 20


@asset_check(
    asset=served_marts,
    blocking=True,
    description="Every mart answers through the tenant-locked reader with the rows the manifest promises.",
)
def served_marts_can_be_read(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        folder = step_of(context, warehouse).folder
        promised = {name: entry.rows for name, entry in served_manifest(folder).marts.items()}
        found = {name: _rows_of(folder, name) for name in promised}
    return AssetCheckResult(
        passed=found == promised and promised.keys() == MARTS.keys(), metadata={"rows": sum(found.values())}
    )


def _rows_of(folder: DistrictFolder, mart: str) -> int:
    query = MartQuery(marts=(mart,), sql=f"SELECT count(*) AS rows FROM {mart}")
    return int(answer(folder, query).rows[0]["rows"])


@asset_check(
    asset=served_marts,
    description="The counters teachers watch live, and the marts, tell the same of attempts that both know.",
)
def live_counters_agree(
    context: AssetCheckExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> AssetCheckResult:
    """Warn with the classes: a teacher who sees two numbers trusts neither."""
    with classified():
        step = step_of(context, warehouse)
        served = counters_of_marts(step.scan(ATTEMPTS), step.scan(ANSWERS))
        as_of = min(step.entry(mart).as_of for mart in (ATTEMPTS, ANSWERS))
        with postgres.snapshot(step.tenant) as moment:
            live = live_counters(moment.connection, step.tenant, as_of=as_of)
        found = drift(live, served)
    return AssetCheckResult(
        passed=found.is_empty(),
        severity=AssetCheckSeverity.WARN,
        metadata={
            "attempts": live.height,
            "differences": int(found["attempts"].sum()),
            "classes": MetadataValue.md(as_markdown(found.head(_SHOWN))),
        },
    )


checks = [served_marts_can_be_read, live_counters_agree]
