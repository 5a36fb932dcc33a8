"""Assets: mastery as marts, now and day by day, and today's in PostgreSQL for the app."""

from datetime import datetime

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import mastery_history as history
from core.domain.mastery_batch import mastery_by_concept
from pipelines.answers.assets import answers
from pipelines.answers.facts import first_graded, latest_schools
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.items.assets import question_statistics
from pipelines.mastery.calibration import calibration_of
from pipelines.mastery.rows import replace_mastery
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.thresholds import thresholds_of
from warehouse.answers import ANSWERS
from warehouse.mastery import CONCEPT_MASTERY, MASTERY_HISTORY


@asset(
    partitions_def=DISTRICTS,
    deps=[answers, question_statistics],
    group_name="mastery",
    owners=["team:learning-science"],
    kinds={"polars", "parquet"},
    description=(
        "Grain: one row per student and concept answered. Freshness: within a minute of an answer. "
        "Consumer: the mastery page of teachers and students, learning paths, struggling flags."
    ),
)
def concept_mastery(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Apply decayed Rasch evidence (`core.domain.mastery`) to the district's first graded answers."""
    with classified():
        step = step_of(context, warehouse)
        facts = first_graded(step.scan(ANSWERS))
        as_of = step.entry(ANSWERS).as_of
        latest = facts["answered_at"].max()
        mastery = mastery_by_concept(
            facts,
            calibration_of(facts),
            as_of=latest if isinstance(latest, datetime) else as_of,
            thresholds=thresholds_of(postgres, step.tenant),
        )
        rows = mastery.join(latest_schools(facts), on="student_id", how="left")
        return step.write(CONCEPT_MASTERY, rows, as_of=as_of)


@asset(
    partitions_def=DISTRICTS,
    deps=[answers, question_statistics],
    group_name="mastery",
    owners=["team:learning-science"],
    kinds={"polars", "parquet"},
    description=(
        "Grain: one row per student, concept and day with answers. Freshness: within a minute of an answer. "
        "Consumer: the course of mastery on the student's page, learning velocity."
    ),
)
def mastery_history(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Say what mastery was after each day (`core.domain.mastery_history`), under today's calibration."""
    with classified():
        step = step_of(context, warehouse)
        facts = first_graded(step.scan(ANSWERS))
        days = history.mastery_history(
            facts, calibration_of(facts), thresholds=thresholds_of(postgres, step.tenant)
        )
        rows = days.join(latest_schools(facts), on="student_id", how="left")
        return step.write(MASTERY_HISTORY, rows, as_of=step.entry(ANSWERS).as_of)


@asset(
    partitions_def=DISTRICTS,
    deps=[concept_mastery],
    group_name="mastery",
    owners=["team:learning-science"],
    kinds={"postgres"},
    description=(
        "Grain: one row of app.concept_mastery per student and concept. Freshness: as the mart. "
        "Consumer: the API's transactional pages, which never wait for a file."
    ),
)
def concept_mastery_rows(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Make the table equal to the checked mart, in one transaction."""
    with classified():
        step = step_of(context, warehouse)
        rows = step.read(CONCEPT_MASTERY)
        with postgres.transaction(step.tenant) as connection:
            change = replace_mastery(connection, step.tenant, rows, as_of=step.entry(CONCEPT_MASTERY).as_of)
    return MaterializeResult(
        metadata={"dagster/row_count": rows.height, "written": change.written, "removed": change.removed}
    )
