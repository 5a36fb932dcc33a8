"""One district's run, with the seconds of each step and the peak memory as a line of JSON.

python -m ops.bench.pipeline_run DISTRICT
"""

import json
import resource
import sys
from time import perf_counter

from dagster import DagsterEventType, DagsterInstance

from pipelines.definitions import definitions
from pipelines.districts.partitions import DISTRICTS
from pipelines.jobs import district_refresh
from pipelines.resources import PostgresResource, WarehouseResource


def run(district_id: str) -> int:
    """Run the district; print what it took. The exit code is 1 when the run failed."""
    with DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(DISTRICTS.name), [district_id])
        started = perf_counter()
        result = definitions.resolve_job_def(district_refresh.name).execute_in_process(
            instance=instance,
            partition_key=district_id,
            resources={"postgres": PostgresResource(), "warehouse": WarehouseResource()},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
        seconds = perf_counter() - started
    stages = {
        str(event.step_key): event.step_success_data.duration_ms / 1_000
        for event in result.all_events
        if event.event_type == DagsterEventType.STEP_SUCCESS
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "kibibytes": peak, "stages": stages}))
    return 0 if result.success else 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
