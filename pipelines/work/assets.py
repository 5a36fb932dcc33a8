"""Assets: how far each assignment is, and where each student stands in each class."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import completion
from pipelines.answers.assets import answers
from pipelines.attempts.assets import attempts
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.gradebook.assets import class_grades
from pipelines.mastery.assets import concept_mastery
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.steps import step_of
from pipelines.work.progress import ANSWER_COLUMNS, student_progress_rows
from pipelines.work.queries import ASSIGNED_WORK, PLACES, approved_places, assigned_work, counted_work
from warehouse.answers import ANSWERS
from warehouse.completion import ASSIGNMENT_COMPLETION
from warehouse.gradebook import CLASS_GRADES
from warehouse.mastery import CONCEPT_MASTERY
from warehouse.progress import STUDENT_PROGRESS


@asset(
    partitions_def=DISTRICTS,
    group_name="work",
    owners=["team:learning-science"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per published assignment. Freshness: within a minute of a hand-in. "
        "Consumer: the completion page of the teacher's dashboard."
    ),
)
def assignment_completion(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Count students by `core.domain.completion`; missing and late are the gradebook's words."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            work = copy_frame(moment.connection, assigned_work(step.tenant), ASSIGNED_WORK)
            source_rows = moment.value(counted_work(step.tenant))
        rows = completion.assignment_completion(completion.judged_work(work, as_of=moment.as_of))
        return step.write(ASSIGNMENT_COMPLETION, rows, as_of=moment.as_of, source_rows=source_rows)


@asset(
    partitions_def=DISTRICTS,
    deps=[answers, attempts, class_grades, concept_mastery],
    group_name="work",
    owners=["team:learning-science"],
    kinds={"postgres", "polars", "parquet"},
    description=(
        "Grain: one row per approved student of a class. Freshness: within a minute of an answer. "
        "Consumer: the progress pages of students and teachers."
    ),
)
def student_progress(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Join what was set with what was answered, graded and learned."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            work = copy_frame(moment.connection, assigned_work(step.tenant), ASSIGNED_WORK)
            places = copy_frame(moment.connection, approved_places(step.tenant), PLACES)
        rows = student_progress_rows(
            places,
            completion.judged_work(work, as_of=moment.as_of),
            answers=step.scan(ANSWERS).select(ANSWER_COLUMNS).collect(),
            grades=step.read(CLASS_GRADES),
            mastery=step.read(CONCEPT_MASTERY),
        )
        return step.write(
            STUDENT_PROGRESS,
            rows,
            as_of=min(moment.as_of, step.entry(ANSWERS).as_of),
            source_rows=places.height,
        )
