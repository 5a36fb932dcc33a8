"""Asset: what happens in each class day by day."""

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import class_activity as rules
from pipelines.answers.assets import answers
from pipelines.attempts.assets import attempts
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.events.assets import events
from pipelines.failures import classified
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.work.queries import PLACES, approved_places
from warehouse.answers import ANSWERS
from warehouse.attempts import ATTEMPTS
from warehouse.completion import CLASS_ACTIVITY
from warehouse.events import EVENTS

_DONE = ("class_id", "student_id", "moment")


@asset(
    partitions_def=DISTRICTS,
    deps=[events, answers, attempts],
    group_name="work",
    owners=["team:data-platform"],
    kinds={"postgres", "polars", "parquet"},
    description=(
        "Grain: one row per class and day (UTC) on which something happened. Freshness: within a minute of an event. "
        "Consumer: the activity page of the teacher's dashboard."
    ),
)
def class_activity(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Count by `core.domain.class_activity` what students with a place in the class did."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            places = copy_frame(moment.connection, approved_places(step.tenant), PLACES)
        clicks = step.scan(EVENTS).select("class_id", student_id="actor_id", moment="event_time")
        tries = step.scan(ANSWERS).select("class_id", "student_id", moment="answered_at")
        hand_ins = step.scan(ATTEMPTS).select("class_id", "student_id", moment="submitted_at")
        frames = [_of_students(done, places) for done in (clicks, tries, hand_ins)]
        schools = places.select("class_id", "school_id").unique()
        rows = rules.class_activity(*frames).join(schools, on="class_id", how="left")
        as_of = min(step.entry(mart).as_of for mart in (EVENTS, ANSWERS, ATTEMPTS))
        return step.write(CLASS_ACTIVITY, rows, as_of=as_of)


def _of_students(done: pl.LazyFrame, places: pl.DataFrame) -> pl.LazyFrame:
    ours = done.drop_nulls("moment").join(places.lazy(), on=["class_id", "student_id"], how="semi")
    return ours.select(_DONE)
