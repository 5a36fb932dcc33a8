"""Served marts without a pipeline: rows by hand, the columns nobody asks about filled in."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from warehouse.catalog import MARTS, mart_named
from warehouse.folder import DistrictFolder
from warehouse.manifest import publish
from warehouse.mart import DAY, FLAG, TIME, Column
from warehouse.writer import write_mart

AS_OF = datetime(2026, 11, 20, 8, tzinfo=UTC)
COMPUTED_AT = datetime(2026, 11, 20, 8, 1, tzinfo=UTC)

Rows = Mapping[str, Iterable[Mapping[str, Any]]]


def serve(folder: DistrictFolder, rows: Rows, *, run_id: str = "run-1") -> None:
    """Publish every mart of the catalogue with these rows; marts that are not named have none."""
    entries = []
    for name, mart in MARTS.items():
        whole = [_whole(name, row, str(folder.tenant)) for row in rows.get(name, ())]
        frame = pl.DataFrame(whole, schema=mart.schema) if whole else mart.empty()
        entries.append(write_mart(folder, mart, frame, version=run_id, as_of=AS_OF))
    publish(folder, entries, run_id=run_id, computed_at=COMPUTED_AT)


def _whole(mart: str, row: Mapping[str, Any], district_id: str) -> dict[str, Any]:
    filled = {column.name: _filler(column) for column in mart_named(mart).columns}
    unknown = row.keys() - filled.keys()
    assert not unknown, f"{mart} has no {unknown}"
    return filled | {"district_id": district_id} | dict(row)


def _filler(column: Column) -> Any:
    if column.null_meaning is not None:
        return None
    if isinstance(column.dtype, pl.List):
        return []
    by_type = {TIME: AS_OF, DAY: date(2026, 11, 20), FLAG: False, pl.String(): "-"}
    return by_type.get(column.dtype, 0)
