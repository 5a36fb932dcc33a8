"""Reads every served file of a district and says what is wrong with it."""

import polars as pl

from core.config import get_settings
from core.tenancy import TenantId
from warehouse.catalog import MARTS
from warehouse.folder import open_warehouse
from warehouse.manifest import WarehouseError, read_manifest
from warehouse.verification import scan_mart


def problems_of(tenant: TenantId) -> list[str]:
    """Return a sentence per problem: checksum, rows and schema by the manifest, and rows of another district."""
    settings = get_settings()
    folder = open_warehouse(settings.warehouse_url, settings.warehouse_cache_path).district(tenant)
    try:
        manifest = read_manifest(folder)
    except WarehouseError as error:
        return [str(error)]
    if manifest is None:
        return ["nothing is served yet"]
    problems = []
    for name, entry in manifest.marts.items():
        try:
            rows = scan_mart(folder, MARTS[name], entry)
            foreign = rows.filter(pl.col("district_id") != str(tenant)).select(pl.len()).collect().item()
        except (WarehouseError, FileNotFoundError) as error:
            problems.append(f"{name}: {error}")
            continue
        if foreign:
            problems.append(f"{name}: {foreign} rows of another district")
    return problems
