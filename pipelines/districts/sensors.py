"""Sensors: partitions follow the directory of districts, and runs follow the facts."""

from collections.abc import Iterator
from datetime import UTC, datetime

from dagster import (
    DagsterInstance,
    DagsterRunStatus,
    DefaultSensorStatus,
    RunRequest,
    RunsFilter,
    SensorEvaluationContext,
    SensorResult,
    sensor,
)

from core.tenancy import TenantId
from pipelines.districts.freshness import DistrictState, reason_to_run, run_key
from pipelines.districts.partitions import DISTRICT_TAG, DISTRICTS
from pipelines.districts.queries import FOLLOWED, has_changes_after
from pipelines.events.queries import has_events_since
from pipelines.jobs import district_refresh
from pipelines.resources import PARTITION_TAG, PostgresResource, Snapshot, WarehouseResource
from warehouse.catalog import MARTS
from warehouse.manifest import Manifest, WarehouseError, read_manifest

_UNFINISHED = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
REASON_TAG = "homeroom/reason"


@sensor(
    minimum_interval_seconds=10,
    default_status=DefaultSensorStatus.RUNNING,
    description="Keeps the partitions equal to the active districts of app.district_directory.",
)
def districts_follow_the_directory(
    context: SensorEvaluationContext, postgres: PostgresResource
) -> SensorResult:
    active, known = set(postgres.active_districts()), set(known_districts(context.instance))
    requests = [
        change
        for names, build in (
            (sorted(active - known), DISTRICTS.build_add_request),
            (sorted(known - active), DISTRICTS.build_delete_request),
        )
        if names
        for change in [build(names)]
    ]
    return SensorResult(dynamic_partitions_requests=requests)


@sensor(
    job=district_refresh,
    minimum_interval_seconds=5,
    default_status=DefaultSensorStatus.RUNNING,
    description="Starts a district's run when PostgreSQL has facts newer than the served manifest.",
)
def marts_follow_the_facts(
    context: SensorEvaluationContext, postgres: PostgresResource, warehouse: WarehouseResource
) -> Iterator[RunRequest]:
    now = datetime.now(UTC)
    running = _unfinished_partitions(context.instance)
    for key in known_districts(context.instance):
        tenant = TenantId.from_partition_key(key)
        try:
            manifest = read_manifest(warehouse.district(tenant))
        except WarehouseError as error:
            context.log.warning("district %s is left out: %s", key, error)  # the others must stay fresh
            continue
        with postgres.snapshot(tenant) as moment:
            state = DistrictState(
                district_id=key,
                served_run_id=manifest.run_id if manifest else None,
                computed_at=manifest.computed_at if manifest else None,
                serves_current_schemas=manifest is not None and serves_current_schemas(manifest),
                has_newer_facts=manifest is not None and has_newer_facts(moment, tenant, manifest),
                is_running=key in running,
                last_failure_at=_last_failure(context.instance, key),
                horizon=moment.horizon,
            )
        if (reason := reason_to_run(state, now=now)) is not None:
            tags = {DISTRICT_TAG: key, REASON_TAG: reason}
            yield RunRequest(run_key=run_key(state), partition_key=key, tags=tags)


def serves_current_schemas(manifest: Manifest) -> bool:
    """Whether every mart is served, and as the catalogue declares it today."""
    return {name: entry.schema_hash for name, entry in manifest.marts.items()} == {
        name: mart.schema_hash for name, mart in MARTS.items()
    }


def has_newer_facts(moment: Snapshot, tenant: TenantId, manifest: Manifest) -> bool:
    """Whether an event came after what is served, or a row of what is copied changed."""
    events, answers = manifest.marts.get("events"), manifest.marts.get("answers")
    if events is None or answers is None:
        return True
    if moment.value(has_events_since(tenant, since=events.watermark or 0)):
        return True
    copied = min(entry.as_of for name, entry in manifest.marts.items() if name != "events").isoformat()
    questions = (
        has_changes_after(tenant, table, moment=copied, watermark=events.watermark or 0) for table in FOLLOWED
    )
    return any(moment.value(question) for question in questions)


def known_districts(instance: DagsterInstance) -> list[str]:
    """Return the partitions that exist, sorted."""
    return sorted(instance.get_dynamic_partitions(str(DISTRICTS.name)))


def _unfinished_partitions(instance: DagsterInstance) -> set[str]:
    runs = instance.get_runs(filters=RunsFilter(statuses=_UNFINISHED))
    return {run.tags[PARTITION_TAG] for run in runs if PARTITION_TAG in run.tags}


def _last_failure(instance: DagsterInstance, partition: str) -> datetime | None:
    """Return when the district's latest run failed; None when it did not."""
    latest = instance.get_run_records(filters=RunsFilter(tags={PARTITION_TAG: partition}), limit=1)
    if not latest or latest[0].dagster_run.status != DagsterRunStatus.FAILURE:
        return None
    return latest[0].update_timestamp.replace(tzinfo=UTC)
