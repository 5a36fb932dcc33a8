"""Checks of the answers."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.answers.assets import answers
from pipelines.failures import classified
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from warehouse.answers import ANSWERS


@asset_check(
    asset=answers,
    blocking=True,
    description="As many rows as PostgreSQL counted in the same snapshot, by another statement.",
)
def answers_reconcile_with_postgres(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        entry = step_of(context, warehouse).entry(ANSWERS)
    return AssetCheckResult(
        passed=entry.rows == entry.source_rows, metadata={"mart": entry.rows, "postgres": entry.source_rows}
    )


checks = [*mart_checks(answers, ANSWERS), answers_reconcile_with_postgres]
