"""Checks of what is served."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.failures import classified
from pipelines.publication.assets import served_marts
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from warehouse.catalog import MARTS
from warehouse.folder import DistrictFolder
from warehouse.manifest import served_manifest
from warehouse.reader import MartQuery, answer


@asset_check(
    asset=served_marts,
    blocking=True,
    description="Every mart answers through the tenant-locked reader with the rows the manifest promises.",
)
def served_marts_can_be_read(
    context: AssetCheckExecutionContext, warehouse: WarehouseResource
) -> AssetCheckResult:
    with classified():
        folder = step_of(context, warehouse).folder
        promised = {name: entry.rows for name, entry in served_manifest(folder).marts.items()}
        found = {name: _rows_of(folder, name) for name in promised}
    return AssetCheckResult(
        passed=found == promised and promised.keys() == MARTS.keys(), metadata={"rows": sum(found.values())}
    )


def _rows_of(folder: DistrictFolder, mart: str) -> int:
    query = MartQuery(marts=(mart,), sql=f"SELECT count(*) AS rows FROM {mart}")
    return int(answer(folder, query).rows[0]["rows"])


checks = [served_marts_can_be_read]
