"""Checks of class performance."""

import polars as pl
from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.classes.assets import class_performance
from pipelines.failures import classified
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from warehouse.classes import CLASS_PERFORMANCE


@asset_check(
    asset=class_performance,
    blocking=True,
    description="Each class with students has its row, and its distribution adds up to its graded students.",
)
def classes_add_up(context: AssetCheckExecutionContext, warehouse: WarehouseResource) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        entry = step.entry(CLASS_PERFORMANCE)
        rows = step.read(CLASS_PERFORMANCE)
        uneven = rows.filter(pl.col("distribution").list.sum() != pl.col("graded_count"))
    return AssetCheckResult(
        passed=entry.rows == entry.source_rows and uneven.is_empty(),
        metadata={"mart": entry.rows, "postgres": entry.source_rows, "uneven": uneven.height},
    )


checks = [*mart_checks(class_performance, CLASS_PERFORMANCE), classes_add_up]
