"""One asset's step in one district's run: where it reads from, and how what it wrote is shown in Dagster."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from dagster import AssetCheckExecutionContext, AssetExecutionContext, MaterializeResult, MetadataValue

from core.tenancy import TenantId
from pipelines.resources import WarehouseResource
from warehouse.folder import DistrictFolder
from warehouse.manifest import MartEntry, read_manifest, served_manifest
from warehouse.mart import Mart
from warehouse.verification import scan_mart
from warehouse.writer import staged_entry, write_mart

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
        """Write and stage the rows of a mart; `district_id` is added."""
        owned = rows.with_columns(district_id=pl.lit(str(self.tenant)))
        entry = write_mart(
            self.folder, mart, owned, version=self.run_id, as_of=as_of, source_rows=source_rows
        )
        return described(entry, owned)


def step_of(
    context: AssetExecutionContext | AssetCheckExecutionContext, warehouse: WarehouseResource
) -> Step:
    """Return the step of the running partition. The tenant comes from the partition key and nowhere else."""
    tenant = TenantId.from_partition_key(context.partition_key)
    return Step(warehouse.district(tenant), context.op_execution_context.run_id)


def described(entry: MartEntry, rows: pl.DataFrame) -> MaterializeResult[None]:
    """Return what the Dagster page shows of a written mart."""
    return MaterializeResult(
        metadata={
            "dagster/row_count": entry.rows,
            "bytes": entry.bytes,
            "as_of": MetadataValue.timestamp(entry.as_of),
            "version": entry.version,
            "preview": MetadataValue.md(preview(rows)),
        }
    )


def preview(rows: pl.DataFrame) -> str:
    """Return the first rows as a Markdown table; ids are pseudonymous, names never get here."""
    with pl.Config(
        tbl_formatting="MARKDOWN", tbl_hide_column_data_types=True, tbl_hide_dataframe_shape=True, tbl_cols=-1
    ):
        return str(rows.head(_PREVIEW_ROWS))
