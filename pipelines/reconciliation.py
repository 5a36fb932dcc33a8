"""The check every copied mart has: as many rows as PostgreSQL counted in the same snapshot."""

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetsDefinition,
    asset_check,
)

from pipelines.failures import classified
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from warehouse.mart import Mart


def reconciles_with_postgres(asset: AssetsDefinition, mart: Mart) -> AssetChecksDefinition:
    """Return the check that a mart, with what was left out of it, has the rows PostgreSQL counted another way."""

    @asset_check(
        asset=asset,
        name=f"{mart.name}_reconcile_with_postgres",
        blocking=True,
        description="As many rows as PostgreSQL counted in the same snapshot, by another statement.",
    )
    def check(context: AssetCheckExecutionContext, warehouse: WarehouseResource) -> AssetCheckResult:
        with classified():
            entry = step_of(context, warehouse).entry(mart)
        return AssetCheckResult(
            passed=entry.is_reconciled,
            metadata={
                "mart": entry.rows,
                "rejected": entry.rejected_rows,
                "postgres": entry.source_rows,
            },
        )

    return check
