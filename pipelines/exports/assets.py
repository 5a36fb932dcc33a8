"""Asset: the district's own copy of its data, pseudonymous and in groups."""

from pathlib import Path

from dagster import AssetExecutionContext, MaterializeResult, MetadataValue, asset

from pipelines.districts.partitions import DISTRICTS
from pipelines.exports.decisions import pseudonyms_of, small_cell_minimum_of
from pipelines.failures import classified
from pipelines.publication.assets import served_marts
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from warehouse.bundle import ROOTS
from warehouse.manifest import served_manifest
from warehouse.snapshots import Written, write_aggregate_bundle, write_record_bundle


@asset(
    partitions_def=DISTRICTS,
    deps=[served_marts],
    group_name="exports",
    owners=["team:data-platform"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: two bundles (students under keys; groups with small ones withheld), each with its newest three days. "
        "Freshness: with the publication. Consumer: the district's own analysts, with any tool that reads Parquet."
    ),
)
def district_export(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Write what has changed since the last bundle, its dictionary and checksums, and swap in its manifest."""
    with classified():
        folder = step_of(context, warehouse).folder
        served = served_manifest(folder)
        pseudonyms = pseudonyms_of(postgres, folder.tenant)
        record = write_record_bundle(folder, served, pseudonyms)
        minimum = small_cell_minimum_of(postgres, folder.tenant)
        aggregate = write_aggregate_bundle(folder, served, minimum)
    return MaterializeResult(
        metadata={
            "bundle": MetadataValue.path(Path(folder.name) / ROOTS[record.manifest.profile]),
            "as_of": MetadataValue.timestamp(served.as_of),
            "dagster/row_count": sum(record.manifest.rows.values()),
            "small_cell_minimum": minimum,
            **_told("record", record),
            **_told("aggregate", aggregate),
        }
    )


def _told(name: str, written: Written) -> dict[str, MetadataValue]:
    manifest = written.manifest
    return {
        f"{name}_rows": MetadataValue.json(manifest.rows),
        f"{name}_bytes": MetadataValue.int(sum(file.bytes for file in manifest.newest_files)),
        f"{name}_days": MetadataValue.json([str(one.date) for one in manifest.snapshots]),
        f"{name}_written_files": MetadataValue.int(written.written_files),
        f"{name}_removed_files": MetadataValue.int(written.removed_files),
    }
