"""Checks of overall grades."""

import polars as pl
from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.failures import classified
from pipelines.gradebook.assets import class_grades
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from warehouse.gradebook import CLASS_GRADES


@asset_check(
    asset=class_grades,
    blocking=True,
    description="As many rows as PostgreSQL counted, and every percent has its letter.",
)
def class_grades_are_whole(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        entry = step.entry(CLASS_GRADES)
        rows = step.read(CLASS_GRADES)
        runs = ("current", "final", "all_current", "all_final")
        half = pl.any_horizontal(
            pl.col(f"{run}_percent").is_null() != pl.col(f"{run}_letter").is_null() for run in runs
        )
        without_letter = rows.filter(half)
    return AssetCheckResult(
        passed=entry.rows == entry.source_rows and without_letter.is_empty(),
        metadata={"mart": entry.rows, "postgres": entry.source_rows, "halves": without_letter.height},
    )


checks = [*mart_checks(class_grades, CLASS_GRADES), class_grades_are_whole]
