"""Running districts without the daemon: the same assets, resources and checks, in this process."""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from dagster import (
    AssetCheckEvaluation,
    AssetCheckSeverity,
    ConfigurableResource,
    DagsterEvent,
    DagsterInstance,
    RunConfig,
)

from pipelines.definitions import definitions
from pipelines.districts.partitions import DISTRICT_TAG, DISTRICTS
from pipelines.events.assets import LakeConfig
from pipelines.jobs import district_refresh
from pipelines.resources import PostgresResource, WarehouseResource

Progress = Callable[["DistrictRun"], None]


@dataclass(frozen=True, slots=True)
class DistrictRun:
    """How one district's run ended. `problems` are the messages of what failed, empty when it was served.

    `warnings` are those of checks that do not block: what was served is right, and someone should look.
    """

    district_id: str
    run_id: str
    duration: timedelta
    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        return not self.problems


def run_districts(
    district_ids: Iterable[str] | None = None,
    *,
    postgres: PostgresResource | None = None,
    warehouse: WarehouseResource | None = None,
    on_district: Progress | None = None,
    rebuild_lake: bool = False,
) -> list[DistrictRun]:
    """Run these districts (None: all active ones), one after the other; one that fails does not stop the others.

    Uses the Dagster installation of DAGSTER_HOME, so that the runs are seen there, or none when it is not set.
    """
    database = postgres or PostgresResource()
    resources = {"postgres": database, "warehouse": warehouse or WarehouseResource()}
    chosen = _chosen(database, district_ids)
    finished: list[DistrictRun] = []
    with _instance() as instance:
        instance.add_dynamic_partitions(str(DISTRICTS.name), chosen)
        for district_id in chosen:
            run = _run_district(instance, district_id, resources, rebuild_lake=rebuild_lake)
            finished.append(run)
            if on_district is not None:
                on_district(run)
    return finished


def rebuild(
    district_ids: Iterable[str] | None = None,
    *,
    postgres: PostgresResource | None = None,
    warehouse: WarehouseResource | None = None,
    on_district: Progress | None = None,
) -> list[DistrictRun]:
    """Recreate every mart from PostgreSQL, and every day of the lake from PostgreSQL and the lake itself.

    Without new facts in between, a second rebuild writes the same bytes.
    """
    return run_districts(
        district_ids, postgres=postgres, warehouse=warehouse, on_district=on_district, rebuild_lake=True
    )


_BLOCKED = "DagsterAssetCheckFailedError"
"""How Dagster names the failure of a step whose blocking check did not pass; the class itself is not public."""

_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}
"""The caller shows progress; the whole story stands in Dagster's own storage."""


def _chosen(postgres: PostgresResource, district_ids: Iterable[str] | None) -> Sequence[str]:
    return postgres.active_districts() if district_ids is None else list(district_ids)


def _instance() -> AbstractContextManager[DagsterInstance]:
    return DagsterInstance.get() if os.environ.get("DAGSTER_HOME") else DagsterInstance.ephemeral()


def _run_district(
    instance: DagsterInstance,
    district_id: str,
    resources: dict[str, ConfigurableResource[None]],
    *,
    rebuild_lake: bool,
) -> DistrictRun:
    started = perf_counter()
    result = definitions.resolve_job_def(district_refresh.name).execute_in_process(
        instance=instance,
        partition_key=district_id,
        resources=resources,
        tags={DISTRICT_TAG: district_id},
        run_config=RunConfig(ops={"events": LakeConfig(rebuild=rebuild_lake)}, loggers=_QUIET),
        raise_on_error=False,
    )
    missed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    problems = [_sentence(check) for check in missed if check.severity == AssetCheckSeverity.ERROR]
    warnings = [_sentence(check) for check in missed if check.severity == AssetCheckSeverity.WARN]
    problems += [
        f"{event.step_key}: {event.step_failure_data.error_display_string.splitlines()[0]}"
        for event in result.filter_events(lambda event: event.is_step_failure)
        if _error_name(event) != _BLOCKED  # named above, with its reasons
    ]
    problems += [_start_error(event) for event in result.all_events if event.is_resource_init_failure]
    duration = timedelta(seconds=perf_counter() - started)
    return DistrictRun(district_id, result.run_id, duration, tuple(problems), tuple(warnings))


def _sentence(check: AssetCheckEvaluation) -> str:
    details = "; ".join(f"{name}: {value.value}" for name, value in sorted(check.metadata.items()))
    return f"{check.check_name} failed on {check.asset_key.to_user_string()} ({details})"


def _start_error(event: DagsterEvent) -> str:
    error = event.engine_event_data.error
    return f"could not start: {error.message.strip()}" if error else "could not start"


def _error_name(event: DagsterEvent) -> str | None:
    error = event.step_failure_data.error
    return error.cls_name if error else None
