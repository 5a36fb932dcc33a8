"""Assets: students at risk as a mart, and the flags of them that teachers answer in PostgreSQL."""

from dagster import AssetExecutionContext, MaterializeResult, asset

from core.domain import completion, risk_batch
from pipelines.answers.assets import answers
from pipelines.copying import copy_frame
from pipelines.districts.partitions import DISTRICTS
from pipelines.failures import classified
from pipelines.gradebook.assets import class_grades, gradebook
from pipelines.items.assets import question_statistics
from pipelines.mastery.assets import concept_mastery
from pipelines.resources import PostgresResource, Snapshot, WarehouseResource
from pipelines.risk.queries import CLASS_PREREQUISITES, STANDING_FLAGS, class_prerequisites, standing_flags
from pipelines.risk.rows import replace_flags
from pipelines.risk.signals import ANSWER_COLUMNS, Facts, student_signals
from pipelines.steps import Step, step_of
from pipelines.work.queries import ASSIGNED_WORK, PLACES, approved_places, assigned_work
from warehouse.answers import ANSWERS
from warehouse.gradebook import CLASS_GRADES, GRADEBOOK
from warehouse.items import QUESTION_STATISTICS
from warehouse.mastery import CONCEPT_MASTERY
from warehouse.risk import STUDENTS_AT_RISK


@asset(
    partitions_def=DISTRICTS,
    deps=[answers, class_grades, gradebook, question_statistics, concept_mastery],
    group_name="risk",
    owners=["team:learning-science"],
    kinds={"postgres", "polars", "parquet"},
    description=(
        "Grain: one row per approved student of a class. Freshness: within a minute of an answer. "
        "Consumer: risk_flag_rows, and the district's own analysts."
    ),
)
def students_at_risk(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Assess every student by `core.domain.risk`; the level shown before steadies the one shown now."""
    with classified():
        step = step_of(context, warehouse)
        with postgres.snapshot(step.tenant) as moment:
            facts = _facts(step, moment)
        rows = risk_batch.assess(student_signals(facts)).drop("previous_level")
        return step.write(
            STUDENTS_AT_RISK,
            rows,
            as_of=min(moment.as_of, step.entry(ANSWERS).as_of),
            source_rows=facts.places.height,
        )


@asset(
    partitions_def=DISTRICTS,
    deps=[students_at_risk],
    group_name="risk",
    owners=["team:learning-science"],
    kinds={"postgres"},
    description=(
        "Grain: one standing row of app.risk_flags per student at risk in a class. Freshness: as the mart. "
        "Consumer: the teacher's list of students at risk, where flags are answered."
    ),
)
def risk_flag_rows(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Raise, move and clear flags so that they say what the checked mart says; what teachers answered stays."""
    with classified():
        step = step_of(context, warehouse)
        rows = step.read(STUDENTS_AT_RISK)
        as_of = step.entry(STUDENTS_AT_RISK).as_of
        with postgres.transaction(step.tenant) as connection:
            change = replace_flags(connection, step.tenant, rows, as_of=as_of)
    return MaterializeResult(metadata={"written": change.written, "cleared": change.cleared})


def _facts(step: Step, moment: Snapshot) -> Facts:
    connection, tenant = moment.connection, step.tenant
    work = copy_frame(connection, assigned_work(tenant), ASSIGNED_WORK)
    return Facts(
        places=copy_frame(connection, approved_places(tenant), PLACES),
        judged=completion.judged_work(work, as_of=moment.as_of),
        class_prerequisites=copy_frame(connection, class_prerequisites(tenant), CLASS_PREREQUISITES),
        standing_flags=copy_frame(connection, standing_flags(tenant), STANDING_FLAGS),
        answers=step.scan(ANSWERS).select(ANSWER_COLUMNS),
        class_grades=step.read(CLASS_GRADES),
        gradebook=step.scan(GRADEBOOK)
        .select("class_id", "student_id", "assignment_id", "score", "possible")
        .collect(),
        statistics=step.scan(QUESTION_STATISTICS).select("question_id", "median_time_ms").collect(),
        mastery=step.scan(CONCEPT_MASTERY).select("student_id", "concept_id", "band").collect(),
    )
