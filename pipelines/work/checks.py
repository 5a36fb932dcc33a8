"""Checks of completion and progress."""

import polars as pl
from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from core.domain.completion import STATES
from pipelines.failures import classified
from pipelines.reconciliation import reconciles_with_postgres
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from pipelines.work.assets import assignment_completion, student_progress
from warehouse.completion import ASSIGNMENT_COMPLETION
from warehouse.progress import STUDENT_PROGRESS


@asset_check(
    asset=assignment_completion,
    blocking=True,
    description="The five states of an assignment add up to its students.",
)
def states_add_up(context: AssetCheckExecutionContext, warehouse: WarehouseResource) -> AssetCheckResult:
    with classified():
        rows = step_of(context, warehouse).read(ASSIGNMENT_COMPLETION)
        states = pl.sum_horizontal(f"{state}_count" for state in STATES)
        uneven = rows.filter(states != pl.col("assigned_count"))
    return AssetCheckResult(
        passed=uneven.is_empty(), metadata={"assignments": rows.height, "uneven": uneven.height}
    )


checks = [
    *mart_checks(assignment_completion, ASSIGNMENT_COMPLETION),
    reconciles_with_postgres(assignment_completion, ASSIGNMENT_COMPLETION),
    states_add_up,
    *mart_checks(student_progress, STUDENT_PROGRESS),
    reconciles_with_postgres(student_progress, STUDENT_PROGRESS),
]
