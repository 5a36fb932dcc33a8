"""Checks of the export."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, MetadataValue, asset_check

from pipelines.exports.assets import district_export
from pipelines.failures import classified
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from warehouse.bundle import read_bundle, stored_problems
from warehouse.exports import Profile
from warehouse.manifest import served_manifest


@asset_check(
    asset=district_export,
    blocking=True,
    description="Both bundles are of the served publication; every file is there, and no row was lost.",
)
def export_is_complete(context: AssetCheckExecutionContext, warehouse: WarehouseResource) -> AssetCheckResult:
    with classified():
        folder = step_of(context, warehouse).folder
        served = served_manifest(folder)
        problems = [
            problem for profile in Profile for problem in stored_problems(folder, profile, served.run_id)
        ]
        record = read_bundle(folder, Profile.RECORD)
    found = record.rows if record else {}
    problems += [
        f"{mart} has {found[mart]} rows in the export and {entry.rows} in the mart"
        for mart, entry in served.marts.items()
        if mart in found and found[mart] != entry.rows
    ]
    return AssetCheckResult(passed=not problems, metadata={"problems": MetadataValue.json(problems)})


checks = [export_is_complete]
