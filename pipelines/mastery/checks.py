"""Checks of mastery."""

import polars as pl
from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.failures import classified
from pipelines.mastery.assets import concept_mastery, concept_mastery_rows
from pipelines.mastery.queries import counted_mastery
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from warehouse.answers import ANSWERS
from warehouse.mastery import CONCEPT_MASTERY


@asset_check(
    asset=concept_mastery,
    blocking=True,
    description="Every first graded answer is evidence exactly once for each of its concepts.",
)
def mastery_rests_on_every_answer(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        concepts = pl.when("is_first_graded").then(pl.col("concept_ids").list.len()).otherwise(0)
        expected = int(step.scan(ANSWERS).select(concepts.sum()).collect().item())
        counted = int(step.scan(CONCEPT_MASTERY).select(pl.col("evidence_count").sum()).collect().item())
    return AssetCheckResult(passed=expected == counted, metadata={"answers": expected, "evidence": counted})


@asset_check(
    asset=concept_mastery_rows,
    blocking=True,
    description="PostgreSQL holds as many rows as the mart.",
)
def mastery_rows_equal_the_mart(
    context: AssetCheckExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            counted = moment.value(counted_mastery(step.tenant))
        rows = step.entry(CONCEPT_MASTERY).rows
    return AssetCheckResult(passed=counted == rows, metadata={"postgres": counted, "mart": rows})


checks = [
    *mart_checks(concept_mastery, CONCEPT_MASTERY),
    mastery_rests_on_every_answer,
    mastery_rows_equal_the_mart,
]
