"""Asset: every try at every question."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from pipelines.answers.queries import answer_rows, counted_answers
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.events.assets import events
from pipelines.failures import classified
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from warehouse.answers import ANSWERS


@asset(
    partitions_def=DISTRICTS,
    deps=[events],
    group_name="answers",
    owners=["team:data-platform"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per try of one student at one question within one attempt. Freshness: within a minute of "
        "the answer or its grade. Consumer: every mart below, and the district's export."
    ),
)
def answers(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Copy all answers of the district: a grade may change long after its answer, so nothing is read by increment."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            rows = copy_frame(moment.connection, answer_rows(step.tenant), ANSWERS.schema)
            source_rows = moment.value(counted_answers(step.tenant))
        return step.write(ANSWERS, rows, as_of=moment.as_of, source_rows=source_rows)
