"""Assets: the concepts each student needs help with, and the same flags in PostgreSQL for the app."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import struggling
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.mastery.assets import concept_mastery
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.struggling.rows import replace_concept_flags
from pipelines.thresholds import thresholds_of
from warehouse.mastery import CONCEPT_MASTERY
from warehouse.struggling import STRUGGLING_FLAGS


@asset(
    partitions_def=DISTRICTS,
    deps=[concept_mastery],
    group_name="struggling",
    owners=["team:learning-science"],
    kinds={"polars", "parquet"},
    description=(
        "Grain: one row per student and concept flagged, the worst few per student. Freshness: within a minute of "
        "an answer. Consumer: the struggling list of the teacher's dashboard."
    ),
)
def struggling_flags(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Flag with reasons, by `core.domain.struggling`."""
    with classified():
        step = step_of(context, warehouse)
        mastery = step.read(CONCEPT_MASTERY)
        schools = mastery.select("student_id", "concept_id", "school_id")
        thresholds = thresholds_of(postgres, step.tenant)
        flags = struggling.struggling_flags(mastery, thresholds=thresholds).join(
            schools, on=["student_id", "concept_id"], how="left"
        )
        return step.write(STRUGGLING_FLAGS, flags, as_of=step.entry(CONCEPT_MASTERY).as_of)


@asset(
    partitions_def=DISTRICTS,
    deps=[struggling_flags],
    group_name="struggling",
    owners=["team:learning-science"],
    kinds={"postgres"},
    description=(
        "Grain: one row of app.concept_flags per student and concept flagged. Freshness: as the mart. "
        "Consumer: the API's transactional pages, which never wait for a file."
    ),
)
def concept_flag_rows(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Make the table equal to the checked mart, in one transaction."""
    with classified():
        step = step_of(context, warehouse)
        rows = step.read(STRUGGLING_FLAGS)
        as_of = step.entry(STRUGGLING_FLAGS).as_of
        with postgres.transaction(step.tenant) as connection:
            change = replace_concept_flags(connection, step.tenant, rows, as_of=as_of)
    return MaterializeResult(
        metadata={"dagster/row_count": rows.height, "written": change.written, "removed": change.removed}
    )
