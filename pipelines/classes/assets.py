"""Asset: how each class stands."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import class_performance as rules
from pipelines.answers.assets import answers
from pipelines.classes import queries
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.struggling.assets import struggling_flags
from warehouse.classes import CLASS_PERFORMANCE
from warehouse.mart import COUNT, EXACT, ID, POINTS, TEXT

_CLASS = {"class_id": ID, "school_id": ID, "subject": TEXT, "grade_level": COUNT, "school_year": TEXT}
_PAIR = {"class_id": ID, "student_id": ID}
_GRADE = {**_PAIR, "score": EXACT, "possible": POINTS}  # a deduction for lateness is stored unrounded


@asset(
    partitions_def=DISTRICTS,
    deps=[answers, struggling_flags],
    group_name="classes",
    owners=["team:learning-science"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per class with students. Freshness: within a minute of an answer. "
        "Consumer: the class page of the teacher's dashboard and guarded comparisons."
    ),
)
def class_performance(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Aggregate rosters, grades and hand-ins of one moment by `core.domain.class_performance`."""
    with classified():
        step = step_of(context, warehouse)
        tenant = step.tenant
        with postgres.snapshot(tenant) as moment:
            read = moment.connection
            classes = copy_frame(read, queries.classes(tenant), _CLASS)
            roster = copy_frame(read, queries.approved_students(tenant), _PAIR)
            grades = copy_frame(read, queries.finished_grades(tenant), _GRADE)
            work = {"class_id": ID, "assignment_id": ID}
            assignments = copy_frame(read, queries.published_assignments(tenant), work)
            handed_in = copy_frame(read, queries.handed_in_attempts(tenant), {**_PAIR, **work})
            source_rows = moment.value(queries.counted_classes(tenant))
        performance = rules.class_performance(roster, grades, assignments=assignments, handed_in=handed_in)
        rows = performance.join(classes, on="class_id", how="inner")
        return step.write(CLASS_PERFORMANCE, rows, as_of=moment.as_of, source_rows=source_rows)
