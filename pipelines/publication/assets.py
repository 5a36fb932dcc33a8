"""Asset: the one swap that lets readers see a run's marts, all together."""

from datetime import UTC, datetime

from dagster import AssetExecutionContext, MaterializeResult, MetadataValue, asset

from pipelines.activity.assets import class_activity
from pipelines.ai.assets import ai_grading_agreement, ai_interactions
from pipelines.answers.assets import answers
from pipelines.attempts.assets import attempts, time_on_task
from pipelines.classes.assets import class_performance
from pipelines.districts.partitions import DISTRICTS
from pipelines.events.assets import events
from pipelines.failures import PermanentFailure, classified
from pipelines.gradebook.assets import class_grades, gradebook
from pipelines.items.assets import question_statistics
from pipelines.mastery.assets import concept_mastery, concept_mastery_rows, mastery_history
from pipelines.paths.assets import learning_paths
from pipelines.publication.lake_states import tell_lake_state
from pipelines.rejections.assets import rejected_rows
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.risk.assets import risk_flag_rows, students_at_risk
from pipelines.steps import step_of
from pipelines.struggling.assets import concept_flag_rows, struggling_flags
from pipelines.velocity.assets import class_velocity, learning_velocity
from pipelines.work.assets import assignment_completion, student_progress
from warehouse.catalog import MARTS
from warehouse.manifest import publish, remove_retired
from warehouse.writer import staged_entry


@asset(
    partitions_def=DISTRICTS,
    deps=[
        events,
        answers,
        question_statistics,
        concept_mastery,
        concept_mastery_rows,
        mastery_history,
        struggling_flags,
        concept_flag_rows,
        learning_velocity,
        class_velocity,
        class_performance,
        class_grades,
        attempts,
        time_on_task,
        gradebook,
        ai_interactions,
        ai_grading_agreement,
        assignment_completion,
        student_progress,
        class_activity,
        students_at_risk,
        risk_flag_rows,
        learning_paths,
        rejected_rows,
    ],
    group_name="publication",
    owners=["team:data-platform"],
    kinds={"json"},
    description=(
        "Grain: one manifest per district. Freshness: within a minute of an answer. Consumer: every reader of the "
        "warehouse. A failed check of any mart keeps the previous manifest in service."
    ),
)
def served_marts(
    context: AssetExecutionContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> MaterializeResult[None]:
    """Swap the manifest to what this run wrote, then remove versions nobody has been served for a while."""
    with classified():
        step = step_of(context, warehouse)
        staged = [staged_entry(step.folder, mart, step.run_id) for mart in MARTS]
        entries = [entry for entry in staged if entry is not None]
        if not entries:
            raise PermanentFailure(
                "this run has written no mart; materialise the marts together with served_marts"
            )
        now = datetime.now(UTC)
        manifest = publish(step.folder, entries, run_id=step.run_id, computed_at=now)
        tell_lake_state(postgres, step.tenant, manifest)
        removed = remove_retired(step.folder, manifest, now=now)
    return MaterializeResult(
        metadata={
            "as_of": MetadataValue.timestamp(manifest.as_of),
            "marts": MetadataValue.json({name: entry.rows for name, entry in manifest.marts.items()}),
            "bytes": sum(entry.bytes for entry in manifest.marts.values()),
            "removed_files": removed,
        }
    )
