"""Checks of the struggling flags."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.failures import classified
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.struggling.assets import concept_flag_rows, struggling_flags
from pipelines.struggling.rows import counted_concept_flags
from pipelines.suites import mart_checks
from warehouse.mastery import CONCEPT_MASTERY
from warehouse.struggling import STRUGGLING_FLAGS


@asset_check(
    asset=struggling_flags,
    blocking=True,
    description="Every flag names a concept whose mastery says struggling, and gives at least one reason.",
)
def flags_have_evidence_and_reasons(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        flags = step.read(STRUGGLING_FLAGS)
        bands = step.read(CONCEPT_MASTERY).select("student_id", "concept_id", "band")
        joined = flags.join(bands, on=["student_id", "concept_id"], how="left")
        baseless = joined.filter(
            joined["band"].ne_missing("struggling") | (joined["reasons"].list.len() == 0)
        )
    return AssetCheckResult(
        passed=baseless.is_empty(), metadata={"flags": flags.height, "baseless": baseless.height}
    )


@asset_check(
    asset=concept_flag_rows,
    blocking=True,
    description="PostgreSQL holds as many flags as the mart.",
)
def concept_flag_rows_equal_the_mart(
    context: AssetCheckExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            counted = moment.value(counted_concept_flags(step.tenant))
        rows = step.entry(STRUGGLING_FLAGS).rows
    return AssetCheckResult(passed=counted == rows, metadata={"postgres": counted, "mart": rows})


checks = [
    *mart_checks(struggling_flags, STRUGGLING_FLAGS),
    flags_have_evidence_and_reasons,
    concept_flag_rows_equal_the_mart,
]
