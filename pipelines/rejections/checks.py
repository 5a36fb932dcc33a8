"""Checks of the dead letters."""

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    MetadataValue,
    asset_check,
)

from pipelines.failures import classified
from pipelines.rejections.assets import rejected_rows
from pipelines.resources import WarehouseResource
from pipelines.steps import as_markdown, step_of
from pipelines.suites import mart_checks
from warehouse.rejections import REJECTED_ROWS

_SHOWN = 20


@asset_check(asset=rejected_rows, description="No row of PostgreSQL had to be left out of a mart.")
def nothing_was_left_out(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    """Warn with the reasons: the other rows are served, and someone has to mend these where they come from."""
    with classified():
        rows = step_of(context, warehouse).read(REJECTED_ROWS)
    reasons = (
        rows.group_by("mart", "reason")
        .agg(rows=pl.len(), example=pl.col("row_key").min())
        .sort("rows", "mart", "reason", descending=[True, False, False])
    )
    return AssetCheckResult(
        passed=rows.is_empty(),
        severity=AssetCheckSeverity.WARN,
        metadata={"letters": rows.height, "reasons": MetadataValue.md(as_markdown(reasons.head(_SHOWN)))},
    )


checks = [*mart_checks(rejected_rows, REJECTED_ROWS), nothing_was_left_out]
