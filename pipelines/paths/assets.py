"""Asset: what each student might learn next in each class."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import completion
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.items.assets import question_statistics
from pipelines.mastery.assets import concept_mastery
from pipelines.paths import queries
from pipelines.paths.rows import MASTERY_COLUMNS, STATISTICS_COLUMNS, Facts, learning_path_rows
from pipelines.resources import PostgresResource, Snapshot, WarehouseResource
from pipelines.steps import Step, step_of
from pipelines.thresholds import thresholds_of
from pipelines.work.queries import ASSIGNED_WORK, PLACES, approved_places, assigned_work
from warehouse.items import QUESTION_STATISTICS
from warehouse.mastery import CONCEPT_MASTERY
from warehouse.progress import LEARNING_PATHS


@asset(
    partitions_def=DISTRICTS,
    deps=[question_statistics, concept_mastery],
    group_name="paths",
    owners=["team:learning-science"],
    kinds={"postgres", "parquet"},
    description=(
        "Grain: one row per student, class and step, at most ten steps. Freshness: within a minute of an answer. "
        "Consumer: the path on the progress page, and suggestions of what to take up again with a class."
    ),
)
def learning_paths(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Order what is not secure by `core.domain.paths`, with questions of the banks the class's teacher can read."""
    with classified():
        step = step_of(context, warehouse)
        thresholds = thresholds_of(postgres, step.tenant)
        with postgres.snapshot(step.tenant) as moment:
            facts = _facts(step, moment)
        rows = learning_path_rows(facts, thresholds)
        return step.write(LEARNING_PATHS, rows, as_of=min(moment.as_of, step.entry(CONCEPT_MASTERY).as_of))


def _facts(step: Step, moment: Snapshot) -> Facts:
    connection, tenant = moment.connection, step.tenant
    work = copy_frame(connection, assigned_work(tenant), ASSIGNED_WORK)
    return Facts(
        places=copy_frame(connection, approved_places(tenant), PLACES),
        classes=copy_frame(connection, queries.classes_and_teachers(tenant), queries.CLASSES),
        practised=copy_frame(connection, queries.practised_concepts(tenant), queries.PRACTISED),
        edges=copy_frame(connection, queries.prerequisite_edges(tenant), queries.EDGES),
        bank=copy_frame(connection, queries.bank_questions(tenant), queries.BANK_QUESTIONS),
        copies=copy_frame(connection, queries.bank_copies(tenant), queries.COPIES),
        judged=completion.judged_work(work, as_of=moment.as_of),
        mastery=step.scan(CONCEPT_MASTERY).select(MASTERY_COLUMNS).collect(),
        statistics=step.scan(QUESTION_STATISTICS).select(STATISTICS_COLUMNS).collect(),
    )
