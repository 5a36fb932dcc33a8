"""Runs of one district, each in a process of its own that can be killed: `python -m tests.faults.pipeline_run`.

Everything is imported once. For each line `district warehouse [bytes]` a child is forked that runs the district, and
can write no file longer than `bytes`; its id is told, and, when it has ended, its exit status.
"""

import os
import resource
import sys

import great_expectations  # noqa: F401 - six seconds that no child has to spend

from pipelines.resources import PostgresResource, WarehouseResource
from pipelines.runner import run_districts


def run(district_id: str, warehouse: str, longest_file: str = "") -> int:
    if longest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(longest_file), int(longest_file)))
    (outcome,) = run_districts(
        [district_id], postgres=PostgresResource(), warehouse=WarehouseResource(url=warehouse)
    )
    if outcome.problems:
        sys.stderr.write("; ".join(outcome.problems))
    return 0 if outcome.succeeded else 1


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os._exit(run(*line.split()))
    sys.stdout.write(f"{child}\n")
    sys.stdout.flush()
    _, status = os.waitpid(child, 0)
    sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
    sys.stdout.flush()
