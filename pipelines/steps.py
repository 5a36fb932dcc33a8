"""One asset's step in one district's run: where it reads from, and how what it wrote is shown in Dagster."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetExecutionContext,
    MaterializeResult,
    MetadataValue,
)

from core.tenancy import TenantId
from pipelines.resources import WarehouseResource
from warehouse.folder import DistrictFolder
from warehouse.manifest import FileEntry, MartEntry, read_manifest, served_manifest
from warehouse.mart import Mart
from warehouse.rejections import REJECTED_ROWS, SOURCES
from warehouse.row_rules import split_rows
from warehouse.verification import scan_mart
from warehouse.writer import NOTHING_LEFT_OUT, SINGLE_FILE, LeftOut, staged_entry, write_file, write_mart

_PREVIEW_ROWS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """The district and run an asset works for. `run_id` is the version of everything the run writes."""

    folder: DistrictFolder
    run_id: str

    @property
    def tenant(self) -> TenantId:
        return self.folder.tenant

    def entry(self, mart: Mart) -> MartEntry:
        """Return what this run has written of a mart, else what is served (when only some assets run)."""
        return staged_entry(self.folder, mart.name, self.run_id) or served_manifest(self.folder).entry(
            mart.name
        )

    def read(self, mart: Mart) -> pl.DataFrame:
        return self.scan(mart).collect()

    def scan(self, mart: Mart) -> pl.LazyFrame:
        return scan_mart(self.folder, mart, self.entry(mart))

    def written(self, mart: Mart) -> pl.LazyFrame:
        """Read only the files this run wrote: older day files of the lake were checked when they were new."""
        entry = self.entry(mart)
        own = [file for file in entry.files if file.path.startswith(f"{mart.name}/v={self.run_id}/")]
        if not own:
            return mart.empty().lazy()
        return scan_mart(self.folder, mart, entry.model_copy(update={"files": tuple(own)}))

    def served(self, mart: Mart) -> MartEntry | None:
        """Return the version readers see now; None before the first publication."""
        manifest = read_manifest(self.folder)
        return manifest.marts.get(mart.name) if manifest else None

    def write(
        self, mart: Mart, rows: pl.DataFrame, *, as_of: datetime, source_rows: int | None = None
    ) -> MaterializeResult[None]:
        """Write and stage the rows of a mart; `district_id` is added.

        What breaks a rule of a mart copied from PostgreSQL is left out and kept as `rejected_rows`.
        """
        owned = rows.with_columns(district_id=pl.lit(str(self.tenant)))
        kept, left_out = self._kept(mart, owned) if mart.name in SOURCES else (owned, NOTHING_LEFT_OUT)
        entry = write_mart(
            self.folder,
            mart,
            kept,
            version=self.run_id,
            as_of=as_of,
            source_rows=source_rows,
            left_out=left_out,
        )
        return MaterializeResult(metadata=described(entry, kept))

    def write_letters(self, mart: Mart, letters: pl.DataFrame) -> FileEntry | None:
        """Write what was left out of a mart, in the columns of `rejected_rows`; None when there is nothing."""
        if letters.is_empty():
            return None
        path = f"{REJECTED_ROWS.name}/v={self.run_id}/from={mart.name}/{SINGLE_FILE}"
        return write_file(self.folder, REJECTED_ROWS, letters, path=path)

    def _kept(self, mart: Mart, rows: pl.DataFrame) -> tuple[pl.DataFrame, LeftOut]:
        kept, letters = split_rows(mart, rows)
        return kept, LeftOut(rows.height - kept.height, self.write_letters(mart, letters))


def step_of(
    context: AssetExecutionContext | AssetCheckExecutionContext, warehouse: WarehouseResource
) -> Step:
    """Return the step of the running partition. The tenant comes from the partition key and nowhere else."""
    tenant = TenantId.from_partition_key(context.partition_key)
    return Step(warehouse.district(tenant), context.op_execution_context.run_id)


def described(entry: MartEntry, rows: pl.DataFrame) -> dict[str, Any]:
    """Return what the Dagster page shows of a written mart. Ids are pseudonymous, names never get here."""
    return {
        "dagster/row_count": entry.rows,
        "rejected_rows": entry.rejected_rows,
        "bytes": entry.bytes,
        "as_of": MetadataValue.timestamp(entry.as_of),
        "version": entry.version,
        "preview": MetadataValue.md(as_markdown(rows.head(_PREVIEW_ROWS))),
    }


def as_markdown(rows: pl.DataFrame) -> str:
    """Return all rows as a Markdown table, every value in full."""
    with pl.Config(
        tbl_formatting="MARKDOWN",
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        tbl_cols=-1,
        tbl_rows=-1,
        tbl_width_chars=10_000,
        fmt_str_lengths=1_000,
    ):
        return str(rows)
