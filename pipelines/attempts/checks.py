"""Checks of attempts and of the time spent at them."""

import polars as pl
from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.attempts.assets import attempts, time_on_task
from pipelines.failures import classified
from pipelines.reconciliation import reconciles_with_postgres
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from warehouse.attempts import ATTEMPTS, TIME_ON_TASK


@asset_check(
    asset=time_on_task,
    blocking=True,
    description="Every millisecond of every attempt is counted once.",
)
def time_adds_up(context: AssetCheckExecutionContext, warehouse: WarehouseResource) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        worked, counted = (
            int(step.scan(mart).select(pl.col("active_ms").sum()).collect().item())
            for mart in (ATTEMPTS, TIME_ON_TASK)
        )
    return AssetCheckResult(passed=worked == counted, metadata={"attempts": worked, "time_on_task": counted})


checks = [
    *mart_checks(attempts, ATTEMPTS),
    reconciles_with_postgres(attempts, ATTEMPTS),
    *mart_checks(time_on_task, TIME_ON_TASK),
    time_adds_up,
]
