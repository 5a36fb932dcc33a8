"""Everything Dagster is told: `dagster … -m pipelines.definitions`."""

from datetime import timedelta

from dagster import Definitions, FreshnessPolicy, apply_freshness_policy, in_process_executor

from pipelines.activity import assets as activity
from pipelines.activity import checks as activity_checks
from pipelines.ai import assets as ai
from pipelines.ai import checks as ai_checks
from pipelines.answers import assets as answers
from pipelines.answers import checks as answer_checks
from pipelines.attempts import assets as attempts
from pipelines.attempts import checks as attempt_checks
from pipelines.classes import assets as classes
from pipelines.classes import checks as class_checks
from pipelines.districts import schedules, sensors
from pipelines.events import assets as events
from pipelines.events import checks as event_checks
from pipelines.exports import assets as exports
from pipelines.exports import checks as export_checks
from pipelines.gradebook import assets as gradebook
from pipelines.gradebook import checks as gradebook_checks
from pipelines.items import assets as items
from pipelines.items import checks as item_checks
from pipelines.jobs import district_refresh
from pipelines.mastery import assets as mastery
from pipelines.mastery import checks as mastery_checks
from pipelines.paths import assets as paths
from pipelines.paths import checks as path_checks
from pipelines.publication import assets as publication
from pipelines.publication import checks as publication_checks
from pipelines.rejections import assets as rejections
from pipelines.rejections import checks as rejection_checks
from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.risk import assets as risk
from pipelines.risk import checks as risk_checks
from pipelines.struggling import assets as struggling
from pipelines.struggling import checks as struggling_checks
from pipelines.velocity import assets as velocity
from pipelines.velocity import checks as velocity_checks
from pipelines.work import assets as work
from pipelines.work import checks as work_checks

ASSETS = [
    events.events,
    answers.answers,
    attempts.attempts,
    attempts.time_on_task,
    ai.ai_interactions,
    ai.ai_grading_agreement,
    items.question_statistics,
    mastery.concept_mastery,
    mastery.concept_mastery_rows,
    mastery.mastery_history,
    struggling.struggling_flags,
    struggling.concept_flag_rows,
    velocity.learning_velocity,
    velocity.class_velocity,
    classes.class_performance,
    gradebook.class_grades,
    gradebook.gradebook,
    work.assignment_completion,
    work.student_progress,
    activity.class_activity,
    risk.students_at_risk,
    risk.risk_flag_rows,
    paths.learning_paths,
    rejections.rejected_rows,
    publication.served_marts,
    exports.district_export,
]

CHECKS = [
    *event_checks.checks,
    *answer_checks.checks,
    *attempt_checks.checks,
    *ai_checks.checks,
    *item_checks.checks,
    *mastery_checks.checks,
    *struggling_checks.checks,
    *velocity_checks.checks,
    *class_checks.checks,
    *gradebook_checks.checks,
    *work_checks.checks,
    *activity_checks.checks,
    *risk_checks.checks,
    *path_checks.checks,
    *rejection_checks.checks,
    *publication_checks.checks,
    *export_checks.checks,
]

FRESH = FreshnessPolicy.time_window(warn_window=timedelta(hours=25), fail_window=timedelta(hours=49))
"""Every district has a run each night; two nights without one are a failure."""

# One process per run: Dagster, Polars and Great Expectations are imported once, not once per step.
definitions = Definitions(
    assets=[asset.map_asset_specs(lambda spec: apply_freshness_policy(spec, FRESH)) for asset in ASSETS],
    asset_checks=CHECKS,
    jobs=[district_refresh],
    sensors=[sensors.districts_follow_the_directory, sensors.marts_follow_the_facts],
    schedules=[schedules.every_district_nightly],
    resources={"postgres": PostgresResource(), "warehouse": WarehouseResource()},
    executor=in_process_executor,
)
