"""Checks of the export."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, MetadataValue, asset_check

from pipelines.exports.assets import district_export
from pipelines.failures import classified
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from warehouse.bundle import bundle_place, written_sums
from warehouse.manifest import served_manifest


@asset_check(
    asset=district_export,
    blocking=True,
    description="The bundle is complete: its checksums name every file that the served manifest names.",
)
def export_is_complete(context: AssetCheckExecutionContext, warehouse: WarehouseResource) -> AssetCheckResult:
    with classified():
        folder = step_of(context, warehouse).folder
        manifest = served_manifest(folder)
        written = set(written_sums(folder, bundle_place(manifest)).values())
    missing = [
        file.path for entry in manifest.marts.values() for file in entry.files if file.sha256 not in written
    ]
    return AssetCheckResult(passed=not missing, metadata={"missing": MetadataValue.json(missing)})


checks = [export_is_complete]
