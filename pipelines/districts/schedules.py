"""Every district once a night, also where nothing happened: due dates pass and silence grows without a new fact."""

from collections.abc import Iterator

from dagster import DefaultScheduleStatus, RunRequest, ScheduleEvaluationContext, schedule

from pipelines.districts.partitions import DISTRICT_TAG
from pipelines.districts.sensors import REASON_TAG, known_districts
from pipelines.jobs import district_refresh


@schedule(
    job=district_refresh,
    cron_schedule="15 3 * * *",
    execution_timezone="UTC",
    default_status=DefaultScheduleStatus.RUNNING,
    description="Refreshes every district at 03:15 UTC, whether or not there are newer facts.",
)
def every_district_nightly(context: ScheduleEvaluationContext) -> Iterator[RunRequest]:
    for key in known_districts(context.instance):
        tags = {DISTRICT_TAG: key, REASON_TAG: "nightly"}
        night = f"{context.scheduled_execution_time:%Y-%m-%d}"
        yield RunRequest(run_key=f"{night}:{key}", partition_key=key, tags=tags)
