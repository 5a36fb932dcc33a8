"""Checks of the event lake."""

from dagster import AssetCheckExecutionContext, AssetCheckResult, asset_check

from pipelines.events.assets import events
from pipelines.events.lake import rows_since
from pipelines.events.queries import counted_events
from pipelines.failures import classified
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.suites import mart_checks
from warehouse.events import EVENTS


@asset_check(
    asset=events,
    blocking=True,
    description="The lake holds at least what PostgreSQL still holds below the watermark.",
)
def events_reconcile_with_postgres(
    context: AssetCheckExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> AssetCheckResult:
    """Count again, in another transaction: events only ever get more, so the lake may not have fewer."""
    with classified():
        step = step_of(context, warehouse)
        entry = step.entry(EVENTS)
        with postgres.snapshot(step.tenant) as moment:
            statement = counted_events(step.tenant, before=entry.watermark or 0)
            counted, oldest = moment.connection.execute(statement).fetchone() or (0, None)
        rows = rows_since(entry, oldest.date()) if oldest else 0
    return AssetCheckResult(
        passed=rows + entry.rejected_rows >= counted,
        metadata={"postgres": counted, "lake": rows, "rejected": entry.rejected_rows},
    )


checks = [*mart_checks(events, EVENTS), events_reconcile_with_postgres]
