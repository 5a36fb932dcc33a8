"""A district's whole run at growing sizes: seconds and memory of each stage, growth, and a floor for mastery.

    homeroom bench pipeline [STUDENTS ...]

Each size is a demo of its own (36 weeks) in a PostgreSQL of its own; the run of its larger district is one process,
the one that the daemon would start, and what it takes from the machine is its own. The floor is one scan of the
columns that mastery needs, of the same file. Sizes grow tenfold, so that a stage may take at most eleven times as
long; ten million answers (about 110,000 students) are asked for by hand, they take an hour to load.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import psycopg

from core.tenancy import TenantId
from ops.bench.rounds import Goal, Spread, at_most, print_goals
from ops.bench.throw_away import CODE, Installation, throw_away_installation
from ops.demo import seed_demo
from ops.stack.demo import PASSWORD
from warehouse.answers import ANSWERS
from warehouse.folder import open_warehouse
from warehouse.manifest import served_manifest
from warehouse.verification import verified_files

STUDENTS = (200, 2_000)
WEEKS = 36
SHOWN_STAGES = 12
MAXIMUM_GROWTH = 11.0
MAXIMUM_GIBIBYTES = 4.0
MAXIMUM_TIMES_THE_SCAN = 3.0
SLOW_ENOUGH_TO_COMPARE = 0.5
"""Seconds at the larger size: of what is over at once, growth is noise."""
_LEAST = 0.05
"""Seconds that any stage is taken to need: what it costs to be a step at all."""
_MASTERY_COLUMNS = ("student_id", "question_id", "concept_ids", "answer_id", "answered_at", "outcome")
_GIBIBYTE_IN_KIBIBYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """One size. `stages`: seconds by step of the run; `scan`: seconds of the floor."""

    answers: int
    seconds: float
    gibibytes: float
    stages: Mapping[str, float]
    scan: float


def main() -> int:
    """Print every size, its slowest stages and the goals; the exit code is 1 when one is missed."""
    sizes = [int(word) for word in sys.argv[1:]] or STUDENTS
    found = [measure(students) for students in sizes]
    for one in found:
        print(
            f"{one.answers:>10,} answers: {one.seconds:6.1f} s, peak {one.gibibytes:.2f} GiB, scan {one.scan:.2f} s"
        )
        slowest = sorted(one.stages.items(), key=lambda stage: -stage[1])[:SHOWN_STAGES]
        print("".join(f"{'':12}{seconds:7.2f} s  {name}\n" for name, seconds in slowest), end="")
    return print_goals(goals(found))


def goals(found: Sequence[Measured]) -> list[Goal]:
    """Return what is promised of the largest size, and of the growth up to it."""
    largest = found[-1]
    mastery = largest.stages["concept_mastery"] / largest.scan
    promised = [
        at_most("peak memory at most 4 GiB", Spread.of([largest.gibibytes]), MAXIMUM_GIBIBYTES),
        at_most(
            "mastery at most 3 times the scan of its columns", Spread.of([mastery]), MAXIMUM_TIMES_THE_SCAN
        ),
    ]
    if len(found) > 1:
        stage, growth = worst_growth(found[-2], largest)
        promised.append(
            at_most(
                f"time for ten times the answers, worst stage ({stage})", Spread.of([growth]), MAXIMUM_GROWTH
            )
        )
    return promised


def worst_growth(small: Measured, large: Measured) -> tuple[str, float]:
    """Return the stage, or the whole run, that grew most, and how many times for ten times the answers."""
    tenfold = large.answers / small.answers / 10
    growth = {"the run": large.seconds / small.seconds / tenfold}
    for name, seconds in small.stages.items():
        if large.stages.get(name, 0.0) >= SLOW_ENOUGH_TO_COMPARE:
            growth[name] = large.stages[name] / max(seconds, _LEAST) / tenfold
    return max(growth.items(), key=lambda stage: stage[1])


def measure(students: int) -> Measured:
    """Load a demo of that size and run its larger district once, in a process of its own."""
    with throw_away_installation() as installation:
        seed_demo(
            installation.urls.admin,
            keys=installation.keys,
            password=PASSWORD,
            now=datetime.now(UTC),
            students=students,
            weeks=WEEKS,
            seed=1,
        )
        tenant = _larger_district(installation)
        told = json.loads(
            subprocess.run(
                [sys.executable, "-m", "ops.bench.pipeline_run", str(tenant)],
                env={**os.environ, **installation.environment, "DAGSTER_HOME": ""},
                cwd=CODE,
                check=True,
                stdout=subprocess.PIPE,
            ).stdout.splitlines()[-1]
        )
        answers, scan = _scan(installation, tenant)
    return Measured(
        answers, told["seconds"], told["kibibytes"] / _GIBIBYTE_IN_KIBIBYTES, told["stages"], scan
    )


def _larger_district(installation: Installation) -> TenantId:
    with psycopg.connect(installation.admin_dsn) as connection:
        (found,) = connection.execute(
            "SELECT district_id FROM app.users WHERE role = 'student' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        ).fetchone() or (None,)
    return TenantId.from_command_line(found)


def _scan(installation: Installation, tenant: TenantId) -> tuple[int, float]:
    warehouse = open_warehouse(str(installation.folder / "warehouse"), installation.folder / "cache")
    folder = warehouse.district(tenant)
    files = verified_files(folder, ANSWERS, served_manifest(folder).entry(ANSWERS.name))
    return _rows_and_seconds(files)


def _rows_and_seconds(files: list[Path]) -> tuple[int, float]:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        rows = pl.scan_parquet(files, hive_partitioning=False).select(_MASTERY_COLUMNS).collect()
        times.append(time.perf_counter() - started)
    return rows.height, sorted(times)[1]


if __name__ == "__main__":
    sys.exit(main())
