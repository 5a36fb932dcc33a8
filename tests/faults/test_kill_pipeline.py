"""Pipeline runs killed with -9 at random points while dashboards read: readers never see half a publication."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
from sqlalchemy.orm import Session

from core.config import Settings
from core.tenancy import TenantId
from tests.factories.world import SchoolBench, make_district_bench
from tests.fixtures.schema import PROJECT_ROOT, MigratedDatabase
from warehouse.folder import DistrictFolder, open_warehouse
from warehouse.manifest import MartNotServedError, read_manifest, served_manifest
from warehouse.reader import MartQuery, answer

pytestmark = pytest.mark.fault

KILLS = int(os.environ.get("KILLS", "3"))
SEED = int(os.environ.get("KILL_SEED", "5"))
PAUSE_SECONDS = 0.01
# The question has one answer, so both marts tell the same number; a reader of two publications would see two.
BOTH = MartQuery(
    marts=("answers", "question_statistics"),
    sql=(
        "SELECT answers.time_spent_ms::DOUBLE AS told, asked.median_time_ms AS counted "
        "FROM answers JOIN question_statistics AS asked ON asked.question_id = answers.question_id "
        "WHERE asked.answer_count = 1"
    ),
)


@dataclass
class Dashboard:
    """Reads all the time and remembers what was wrong."""

    folder: DistrictFolder
    reads: int = 0
    torn: list[str] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def __enter__(self) -> "Dashboard":
        self._thread = Thread(target=self._read_on)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read_on(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            try:
                rows = answer(self.folder, BOTH).rows
            except MartNotServedError:
                continue
            except Exception as error:  # noqa: BLE001 - any error a reader meets is a finding
                self.torn.append(repr(error))
                continue
            self.reads += 1
            self.torn += [str(row) for row in rows if row["told"] != row["counted"]]


@dataclass
class Runs:
    """Starts runs of one district, and changes the one fact that differs between them."""

    tenant: TenantId
    answer_id: str
    dsn: str
    server: subprocess.Popen[str]

    def start(self, warehouse: Path, *, longest_file: str = "") -> int:
        """Start a run that can write files of so many bytes; return the id of its process."""
        self._send(f"{self.tenant} {warehouse} {longest_file}")
        return int(self._heard())

    def ended(self) -> int:
        """Wait for the run to end; return its exit code, -9 when it was killed."""
        return int(self._heard())

    def change(self, time_spent_ms: int) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(
                "UPDATE app.student_answers SET time_spent_ms = %s WHERE id = %s",
                [time_spent_ms, self.answer_id],
            )

    def _send(self, line: str) -> None:
        assert self.server.stdin is not None
        self.server.stdin.write(line + "\n")
        self.server.stdin.flush()

    def _heard(self) -> str:
        assert self.server.stdout is not None
        return self.server.stdout.readline()


@pytest.fixture
def school(rows: Session) -> SchoolBench:
    return make_district_bench(rows).schools[0]


@pytest.fixture
def runs(
    settings: Settings, migrated: MigratedDatabase, school: SchoolBench, tmp_path: Path
) -> Iterator[Runs]:
    environment = {
        "HOMEROOM_PIPELINE_DATABASE_URL": migrated.pipeline_url,
        "HOMEROOM_WAREHOUSE_CACHE_PATH": str(tmp_path / "cache"),
        "HOMEROOM_KEYS_PATH": str(settings.keys_path),
        "DAGSTER_HOME": "",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.pipeline_run"],
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        tenant = TenantId.from_partition_key(str(school.school.district_id))
        yield Runs(tenant, str(school.choice_answer.id), migrated.dsn, server)
        server.kill()


def _digests(folder: DistrictFolder) -> dict[str, str]:
    return {
        f"{name} {file.path.split('/')[-2] if 'day=' in file.path else ''}": hashlib.sha256(
            (folder.local_root / file.path).read_bytes()
        ).hexdigest()
        for name, entry in served_manifest(folder).marts.items()
        for file in entry.files
    }


def _whole_run(runs: Runs, warehouse: Path) -> float:
    """Let a run end well; return how long it took, in seconds."""
    started = time.monotonic()
    runs.start(warehouse)
    assert runs.ended() == 0
    return time.monotonic() - started


@pytest.mark.timeout(600 + 60 * KILLS)
def test_a_run_killed_anywhere_is_never_seen_in_part(runs: Runs, tmp_path: Path) -> None:
    """Whatever was killed, the next run gives what a run without trouble gives, byte for byte."""
    warehouse, clean = tmp_path / "warehouse", tmp_path / "clean"
    folder = open_warehouse(str(warehouse), tmp_path / "reader").district(runs.tenant)
    chance = random.Random(SEED)
    with Dashboard(folder) as dashboard:
        usual = _whole_run(runs, warehouse)
        killed = 0
        while killed < KILLS:
            runs.change(1_000 + dashboard.reads)
            process = runs.start(warehouse)
            time.sleep(chance.uniform(0, usual))
            with suppress(ProcessLookupError):  # it was quicker; the next one will not be
                os.kill(process, signal.SIGKILL)
            killed += runs.ended() == -signal.SIGKILL
            assert read_manifest(folder) is not None
        runs.change(9_999)
        _whole_run(runs, warehouse)
    assert dashboard.torn == []
    assert dashboard.reads > KILLS
    _whole_run(runs, clean)
    fresh = open_warehouse(str(clean), tmp_path / "reader-of-clean").district(runs.tenant)
    assert _digests(folder) == _digests(fresh)
    assert answer(folder, BOTH).rows[0]["told"] == 9_999.0


def test_a_run_that_cannot_write_leaves_what_is_served(runs: Runs, tmp_path: Path) -> None:
    """As on a full disk: files end early, the run fails, and readers keep the last good publication."""
    warehouse = tmp_path / "warehouse"
    folder = open_warehouse(str(warehouse), tmp_path / "reader").district(runs.tenant)
    _whole_run(runs, warehouse)
    served = read_manifest(folder)
    runs.change(7_777)
    runs.start(warehouse, longest_file="512")
    assert runs.ended() == 1
    assert read_manifest(folder) == served
    assert answer(folder, BOTH).rows[0]["told"] != 7_777.0
    _whole_run(runs, warehouse)
    assert answer(folder, BOTH).rows[0]["told"] == 7_777.0
