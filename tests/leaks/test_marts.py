"""Every mart of the catalogue through the reader: its own district's rows, and no way to the others'."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.ids import new_id
from core.tenancy import TenantId
from warehouse.bundle import verify_bundle
from warehouse.catalog import MARTS
from warehouse.connections import locked_connection
from warehouse.folder import Warehouse, open_warehouse
from warehouse.manifest import publish, served_manifest
from warehouse.mart import InSet, Mart
from warehouse.pseudonyms import Pseudonyms
from warehouse.reader import MartQuery, answer
from warehouse.snapshots import write_record_bundle
from warehouse.writer import write_mart

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def districts() -> tuple[TenantId, TenantId]:
    return TenantId.from_partition_key(str(new_id())), TenantId.from_partition_key(str(new_id()))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, districts: tuple[TenantId, TenantId]) -> Warehouse:
    """Two districts, each with every mart, each row carrying its district's canary."""
    folder = tmp_path_factory.mktemp("warehouse")
    warehouse = open_warehouse(str(folder / "files"), folder / "cache")
    for tenant in districts:
        district = warehouse.district(tenant)
        entries = [
            write_mart(district, mart, rows_of(mart, tenant), version="run-1", as_of=NOW)
            for mart in MARTS.values()
        ]
        publish(district, entries, run_id="run-1", computed_at=NOW)
    return warehouse


def rows_of(mart: Mart, tenant: TenantId) -> pl.DataFrame:
    """Two rows with a value in every column; texts carry the canary."""
    choices = {rule.column: rule.values[0] for rule in mart.expectations if isinstance(rule, InSet)}
    choices["school_year"] = "2026-2027"
    rows = [
        {
            column.name: choices.get(column.name, _value(column.dtype, tenant, number))
            for column in mart.columns
        }
        | {"district_id": str(tenant)}
        for number in range(2)
    ]
    return pl.DataFrame(rows, schema=mart.schema)


def _value(dtype: pl.DataType, tenant: TenantId, number: int) -> Any:
    text = f"CANARY-{tenant}-{number}"
    if isinstance(dtype, pl.List):
        return [text] if dtype.inner == pl.String() else [number]
    if dtype == pl.String():
        return text
    if isinstance(dtype, pl.Datetime):
        return NOW + timedelta(seconds=number)
    return bool(number) if dtype == pl.Boolean() else number


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_answers_its_own_district_only(
    warehouse: Warehouse, districts: tuple[TenantId, TenantId], mart: str
) -> None:
    for ours, theirs in (districts, districts[::-1]):
        found = answer(warehouse.district(ours), MartQuery((mart,), f"SELECT * FROM {mart}"))
        assert len(found.rows) == 2
        assert {row["district_id"] for row in found.rows} == {str(ours)}
        assert str(theirs) not in str(found.rows)


@pytest.mark.parametrize("mart", MARTS)
def test_a_file_of_another_district_cannot_be_opened(
    warehouse: Warehouse, districts: tuple[TenantId, TenantId], mart: str
) -> None:
    ours, theirs = districts
    root = warehouse.district(theirs).local_root
    files = sorted(Path(root).rglob("*.parquet"))
    assert any(mart in str(file) for file in files)
    with locked_connection(warehouse.district(ours)) as connection:
        for file in files:
            for path in (
                file,
                Path(warehouse.district(ours).local_root, "..", file.relative_to(root.parent)),
            ):
                with pytest.raises(Exception, match=r"(?i)permission|disabled"):
                    connection.execute("SELECT * FROM read_parquet(?)", [str(path)])


def test_an_export_holds_its_own_district_only(
    warehouse: Warehouse, districts: tuple[TenantId, TenantId]
) -> None:
    ours, theirs = districts
    folder = warehouse.district(ours)
    write_record_bundle(folder, served_manifest(folder), Pseudonyms(b"a secret of this district alone"))
    place = folder.local_root / "exports"
    assert verify_bundle(place).problems == ()
    datasets = [folder for folder in place.iterdir() if folder.is_dir()]
    assert datasets
    for dataset in datasets:
        assert set(pl.read_parquet(dataset)["district_id"]) == {str(ours)}
    assert [
        file for file in place.rglob("*") if file.is_file() and str(theirs).encode() in file.read_bytes()
    ] == []
