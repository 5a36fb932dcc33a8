"""Checks of the struggling flags."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.failures import classified
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from pipelines.struggling.assets import struggling_flags
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


checks = [*mart_checks(struggling_flags, STRUGGLING_FLAGS), flags_have_evidence_and_reasons]
