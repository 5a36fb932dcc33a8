"""Assets: every attempt, and the time spent at work."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import time_on_task as rules
from pipelines.attempts.queries import attempt_rows, counted_attempts
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from warehouse.attempts import ATTEMPTS, TIME_ON_TASK


@asset(
    partitions_def=DISTRICTS,
    group_name="answers",
    owners=["team:data-platform"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per attempt of one student at one assignment. Freshness: within a minute of a hand-in. "
        "Consumer: progress pages, time on task, class activity, and the district's export."
    ),
)
def attempts(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Copy all attempts of the district: a score may change long after the hand-in."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            rows = copy_frame(moment.connection, attempt_rows(step.tenant), ATTEMPTS.schema)
            source_rows = moment.value(counted_attempts(step.tenant))
        return step.write(ATTEMPTS, rows, as_of=moment.as_of, source_rows=source_rows)


@asset(
    partitions_def=DISTRICTS,
    deps=[attempts],
    group_name="answers",
    owners=["team:data-platform"],
    kinds={"polars", "parquet"},
    description=(
        "Grain: one row per student and assignment begun. Freshness: within a minute of a hand-in. "
        "Consumer: the time page of the teacher's dashboard."
    ),
)
def time_on_task(context: AssetExecutionContext, warehouse: WarehouseResource) -> MaterializeResult[None]:
    """Add up the attempts by `core.domain.time_on_task`; accommodated students are no part of a norm."""
    with classified():
        step = step_of(context, warehouse)
        rows = rules.time_on_task(step.read(ATTEMPTS))
        return step.write(TIME_ON_TASK, rows, as_of=step.entry(ATTEMPTS).as_of)
