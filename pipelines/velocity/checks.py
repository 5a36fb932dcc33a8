"""Checks of velocity."""

import polars as pl
from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from core.domain.velocity import MINIMUM_ANSWERS, SCHOOL_WEEKS
from pipelines.failures import classified
from pipelines.reconciliation import reconciles_with_postgres
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from pipelines.velocity.assets import class_velocity, learning_velocity
from warehouse.velocity import CLASS_VELOCITY, LEARNING_VELOCITY


@asset_check(
    asset=learning_velocity,
    blocking=True,
    description="Nobody has a slope under forty answers, and nobody more than four weeks.",
)
def slopes_rest_on_enough(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        rows = step_of(context, warehouse).read(LEARNING_VELOCITY)
        too_few = pl.col("answer_count") < MINIMUM_ANSWERS
        baseless = rows.filter(
            (too_few == pl.col("slope").is_not_null()) | (pl.col("secured_counts").list.len() > SCHOOL_WEEKS)
        )
    return AssetCheckResult(
        passed=baseless.is_empty(), metadata={"students": rows.height, "baseless": baseless.height}
    )


checks = [
    *mart_checks(learning_velocity, LEARNING_VELOCITY),
    slopes_rest_on_enough,
    *mart_checks(class_velocity, CLASS_VELOCITY),
    reconciles_with_postgres(class_velocity, CLASS_VELOCITY),
]
