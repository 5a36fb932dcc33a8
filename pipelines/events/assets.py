"""Asset: the event lake."""

import polars as pl
from dagster import AssetExecutionContext, Config, MaterializeResult, asset

from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.events.lake import extend_lake
from pipelines.events.queries import complete_through, recorded_events
from pipelines.failures import classified
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import Step, described, step_of
from warehouse.events import EVENTS
from warehouse.manifest import MartEntry
from warehouse.rejections import REJECTED_ROWS
from warehouse.row_rules import split_rows
from warehouse.verification import whole_file
from warehouse.writer import stage


class LakeConfig(Config):
    """`rebuild`: read all events of PostgreSQL again and rewrite every day, keeping what only the lake still has."""

    rebuild: bool = False


@asset(
    partitions_def=DISTRICTS,
    group_name="events",
    owners=["team:data-platform"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per event, a repeat counted once, one file per day. Freshness: within a minute of the event. "
        "Consumer: the district's export, and activity and time-on-task reports."
    ),
)
def events(
    context: AssetExecutionContext,
    config: LakeConfig,
    postgres: PostgresResource,
    warehouse: WarehouseResource,
) -> MaterializeResult[None]:
    """Take in what was recorded since the served watermark; the new watermark travels in the lake's own entry."""
    with classified():
        step = step_of(context, warehouse)
        served = step.served(EVENTS)
        rewrite = config.rebuild or (served is not None and served.schema_hash != EVENTS.schema_hash)
        since = 0 if rewrite or served is None else served.watermark or 0
        with postgres.snapshot(step.tenant) as moment:
            statement = recorded_events(step.tenant, since=since, before=moment.horizon)
            arrived = copy_frame(moment.connection, statement, EVENTS.schema)
            as_of = moment.value(complete_through(step.tenant, before=moment.horizon))
        kept, refused = split_rows(EVENTS, arrived)
        files = extend_lake(step.folder, served, kept, version=step.run_id, rewrite=rewrite)
        letters = _letters(step, served, refused)
        entry = MartEntry(
            mart=EVENTS.name,
            version=step.run_id,
            schema_hash=EVENTS.schema_hash,
            as_of=as_of,
            files=files,
            watermark=moment.horizon,
            rejected_rows=letters["row_key"].n_unique(),
            rejected=step.write_letters(EVENTS, letters),
        )
        stage(step.folder, entry)
    told = {"arrived": arrived.height, "day_files": len(files)}
    return MaterializeResult(metadata={**described(entry, arrived), **told})


def _letters(step: Step, served: MartEntry | None, refused: pl.DataFrame) -> pl.DataFrame:
    """Add to what was left out earlier: only what arrived is read, but an old dead letter is still one."""
    if served is None or served.rejected is None:
        return refused
    earlier = pl.read_parquet(whole_file(step.folder, served.rejected))
    return pl.concat([earlier, refused]).unique().sort(REJECTED_ROWS.sort_key)
