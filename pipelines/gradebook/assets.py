"""Assets: grades and overall grades, exactly as the gradebook has them."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from pipelines.answers.assets import answers
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.gradebook.queries import (
    class_grade_rows,
    counted_class_grades,
    counted_grades,
    grade_rows,
)
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from warehouse.gradebook import CLASS_GRADES, GRADEBOOK


@asset(
    partitions_def=DISTRICTS,
    deps=[answers],
    group_name="gradebook",
    owners=["team:learning-science"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per student and class. Freshness: within a minute of an answer. "
        "Consumer: the district's export and its own analysts; the numbers are the gradebook's."
    ),
)
def class_grades(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Copy overall grades: they are settled with their cause, and computing them twice could only disagree."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            rows = copy_frame(moment.connection, class_grade_rows(step.tenant), CLASS_GRADES.schema)
            source_rows = moment.value(counted_class_grades(step.tenant))
        return step.write(CLASS_GRADES, rows, as_of=moment.as_of, source_rows=source_rows)


@asset(
    partitions_def=DISTRICTS,
    group_name="gradebook",
    owners=["team:learning-science"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per student and assignment with a line in the gradebook. Freshness: within a minute of a "
        "grade. Consumer: the district's export and its own analysts; the numbers are the gradebook's."
    ),
)
def gradebook(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Copy the stored grades as decimals; `gradebook_recomputes` proves them."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            rows = copy_frame(moment.connection, grade_rows(step.tenant), GRADEBOOK.schema)
            source_rows = moment.value(counted_grades(step.tenant))
        return step.write(GRADEBOOK, rows, as_of=moment.as_of, source_rows=source_rows)
