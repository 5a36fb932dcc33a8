"""Asset: the district's own copy of its data."""

from pathlib import Path

from dagster import AssetExecutionContext, MaterializeResult, MetadataValue, asset

from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.publication.assets import served_marts
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from warehouse.bundle import remove_old_bundles, write_bundle
from warehouse.manifest import served_manifest


@asset(
    partitions_def=DISTRICTS,
    deps=[served_marts],
    group_name="exports",
    owners=["team:data-platform"],
    kinds={"parquet"},
    description=(
        "Grain: one versioned bundle per publication, the newest three kept. Freshness: with the publication. "
        "Consumer: the district's own analysts, with any tool that reads Parquet."
    ),
)
def district_export(context: AssetExecutionContext, warehouse: WarehouseResource) -> MaterializeResult[None]:
    """Put the served files, their dictionary, manifest and checksums into one folder."""
    with classified():
        folder = step_of(context, warehouse).folder
        manifest = served_manifest(folder)
        place = write_bundle(folder, manifest)
        removed = remove_old_bundles(folder)
    return MaterializeResult(
        metadata={
            "bundle": MetadataValue.path(Path(folder.name) / place),
            "as_of": MetadataValue.timestamp(manifest.as_of),
            "bytes": sum(entry.bytes for entry in manifest.marts.values()),
            "dagster/row_count": sum(entry.rows for entry in manifest.marts.values()),
            "removed_bundles": len(removed),
        }
    )
