"""Checks of mastery."""

import polars as pl
from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.failures import classified
from pipelines.mastery.assets import concept_mastery, concept_mastery_rows, mastery_history
from pipelines.mastery.queries import counted_mastery
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from warehouse.answers import ANSWERS
from warehouse.mastery import CONCEPT_MASTERY, MASTERY_HISTORY


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


@asset_check(
    asset=mastery_history,
    blocking=True,
    description="Each student's history of a concept ends with as many answers as mastery rests on.",
)
def history_ends_at_mastery(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        pair = ["student_id", "concept_id"]
        ends = step.scan(MASTERY_HISTORY).group_by(pair).agg(pl.col("evidence_count").max()).collect()
        now = step.scan(CONCEPT_MASTERY).select(*pair, "evidence_count").collect()
        apart = now.join(ends, on=[*pair, "evidence_count"], how="anti").height
    return AssetCheckResult(
        passed=apart == 0 and ends.height == now.height, metadata={"pairs": now.height, "apart": apart}
    )


checks = [
    *mart_checks(concept_mastery, CONCEPT_MASTERY),
    *mart_checks(mastery_history, MASTERY_HISTORY),
    history_ends_at_mastery,
    mastery_rests_on_every_answer,
    mastery_rows_equal_the_mart,
]
