"""Parquet files that explain themselves: whose they are, what each column means, and rows in a fixed order.

Each column's meaning, unit and sensitivity stand in the file's key-value metadata (`homeroom`, as JSON) and in the
Arrow fields. Equal rows give equal bytes: no run, no clock, the same row groups and compression always.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.exports import SCHEMA_VERSION, Dataset, Profile
from warehouse.mart import Column
from warehouse.writer import COMPRESSION_LEVEL, ROW_GROUP_ROWS

METADATA_KEY = b"homeroom"


def write_parquet(path: Path, dataset: Dataset, frames: Iterable[pl.DataFrame], *, district_id: str) -> int:
    """Write the frames one after the other as one file and return its rows; memory holds one frame."""
    schema = _schema(dataset, district_id)
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=COMPRESSION_LEVEL) as writer:
        for frame in frames:
            table = _fitted(frame, dataset).to_arrow().cast(schema)
            writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
            rows += table.num_rows
    return rows


def file_facts(path: Path) -> dict[str, Any]:
    """Return what a file says of itself: district, dataset, profile, schema version; {} when it says nothing."""
    metadata = pq.read_metadata(path).metadata or {}
    facts: dict[str, Any] = json.loads(metadata.get(METADATA_KEY, b"{}"))
    return facts


def row_count(path: Path) -> int:
    """Return the rows of a file by its footer."""
    return int(pq.read_metadata(path).num_rows)


def column_facts(column: Column) -> dict[str, str]:
    """Return all that is told of a column, in the words of the dictionary."""
    return {
        "name": column.name,
        "type": column.type_name,
        "unit": column.unit,
        "description": column.description,
        "empty_means": column.null_meaning or "never empty",
        "sensitivity": column.sensitivity.value,
    }


def explained(dataset: Dataset, district_id: str, profile: Profile | str) -> dict[str, object]:
    """Return what stands in a file's metadata."""
    return {
        "district_id": district_id,
        "dataset": dataset.name,
        "profile": str(profile),
        "schema_version": SCHEMA_VERSION,
        "grain": dataset.grain,
        "description": dataset.description,
        "columns": [column_facts(column) for column in dataset.columns],
    }


def _fitted(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    return frame.select(dataset.schema.names()).cast(dataset.schema, strict=True)


def _schema(dataset: Dataset, district_id: str) -> pa.Schema:
    plain = dataset.schema.to_frame().to_arrow().schema
    fields = [
        plain.field(column.name).with_metadata(
            {name: text for name, text in column_facts(column).items() if name != "name"}
        )
        for column in dataset.columns
    ]
    facts = json.dumps(explained(dataset, district_id, dataset.profile), sort_keys=True, ensure_ascii=False)
    return pa.schema(fields, metadata={METADATA_KEY: facts.encode()})
