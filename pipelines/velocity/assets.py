"""Assets: how fast students and classes get on."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain.velocity_batch import class_trends, level_trends, secured_per_week
from pipelines.answers.facts import first_graded, latest_schools
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.mastery.assets import mastery_history
from pipelines.mastery.calibration import calibration_of
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.work.queries import PLACES, approved_places
from warehouse.answers import ANSWERS
from warehouse.mastery import MASTERY_HISTORY
from warehouse.velocity import CLASS_VELOCITY, LEARNING_VELOCITY


@asset(
    partitions_def=DISTRICTS,
    deps=[mastery_history],
    group_name="velocity",
    owners=["team:learning-science"],
    kinds={"polars", "parquet"},
    description=(
        "Grain: one row per student who has answered. Freshness: within a minute of an answer. "
        "Consumer: the progress pages of students and teachers."
    ),
)
def learning_velocity(
    context: AssetExecutionContext, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Apply `core.domain.velocity` to every student's answers and concepts."""
    with classified():
        step = step_of(context, warehouse)
        facts = first_graded(step.scan(ANSWERS))
        history = step.scan(MASTERY_HISTORY).select("student_id", "concept_id", "day", "band").collect()
        rows = (
            level_trends(facts, calibration_of(facts))
            .join(secured_per_week(history, facts), on="student_id", how="left")
            .join(latest_schools(facts), on="student_id", how="left")
        )
        return step.write(LEARNING_VELOCITY, rows, as_of=step.entry(ANSWERS).as_of)


@asset(
    partitions_def=DISTRICTS,
    deps=[learning_velocity],
    group_name="velocity",
    owners=["team:learning-science"],
    kinds={"postgres", "polars", "parquet"},
    description=(
        "Grain: one row per class with approved students. Freshness: within a minute of an answer. "
        "Consumer: the class page of the teacher's dashboard and guarded comparisons."
    ),
)
def class_velocity(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Median and spread of the trends of those who are in a class."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            places = copy_frame(moment.connection, approved_places(step.tenant), PLACES)
        rows = class_trends(step.read(LEARNING_VELOCITY), places)
        as_of = step.entry(LEARNING_VELOCITY).as_of
        return step.write(CLASS_VELOCITY, rows, as_of=as_of, source_rows=places["class_id"].n_unique())
