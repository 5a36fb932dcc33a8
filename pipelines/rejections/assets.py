"""Asset: the dead letters of a district."""

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, asset

from pipelines.ai.assets import ai_interactions
from pipelines.answers.assets import answers
from pipelines.attempts.assets import attempts
from pipelines.districts.partitions import DISTRICTS
from pipelines.events.assets import events
from pipelines.failures import classified
from pipelines.gradebook.assets import class_grades, gradebook
from pipelines.resources import WarehouseResource
from pipelines.steps import step_of
from warehouse.catalog import MARTS
from warehouse.rejections import REJECTED_ROWS, SOURCES
from warehouse.verification import whole_file


@asset(
    partitions_def=DISTRICTS,
    deps=[events, answers, attempts, gradebook, class_grades, ai_interactions],
    group_name="publication",
    owners=["team:data-platform"],
    kinds={"polars", "parquet"},
    description=(
        "Grain: one row per row left out of a mart and rule it broke. Freshness: within a minute of the row. "
        "Consumer: data operators; one bad row never keeps the others from being served."
    ),
)
def rejected_rows(context: AssetExecutionContext, warehouse: WarehouseResource) -> MaterializeResult[None]:
    """Gather what the marts copied from PostgreSQL left out."""
    with classified():
        step = step_of(context, warehouse)
        entries = [step.entry(MARTS[source]) for source in SOURCES]
        letters = [
            pl.read_parquet(whole_file(step.folder, entry.rejected)) for entry in entries if entry.rejected
        ]
        rows = pl.concat([REJECTED_ROWS.empty(), *letters])
        return step.write(REJECTED_ROWS, rows, as_of=min(entry.as_of for entry in entries))
