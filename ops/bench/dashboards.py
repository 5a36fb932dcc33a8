"""How long a dashboard takes with 2,000 students and a year of data, against its queries alone.

    python -m ops.bench.dashboards [STUDENTS WEEKS]

Ours: token, limiter, row security, names from PostgreSQL, the marts through the tenant-locked pool, JSON. The
reference asks the same queries of the same files by DuckDB in this process. Every GET of the OpenAPI document under
/analytics and /progress whose ids can be filled in is measured, in the district with more students, as its
administrator. Cold: the first request for it in a fresh process, files not yet verified. One client.
"""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import psycopg
from psycopg.rows import dict_row

from api.rate_limits import POLICIES
from core.tenancy import Actor, Role, TenantId
from ops.bench.asked import ASKED_VARIABLE, read_asked
from ops.bench.classroom import bearer
from ops.bench.rounds import Goal, Load, Spread, at_most, print_goals
from ops.bench.throw_away import CODE, NO_LIMIT, Installation, throw_away_installation, web_server
from ops.demo import seed_demo
from ops.stack.demo import PASSWORD
from ops.stack.ports import LOOPBACK
from warehouse.folder import DistrictFolder, open_warehouse
from warehouse.manifest import served_manifest
from warehouse.reader import MartQuery

STUDENTS, WEEKS = 2_000, 36
REPEATS = 40
MAXIMUM_OVERHEAD_MILLISECONDS = 40.0
MAXIMUM_COLD_MILLISECONDS = 300.0
_UNLIMITED = {f"HOMEROOM_{policy.setting.upper()}": str(NO_LIMIT) for policy in POLICIES.values()}
_PREFIXES = ("/api/v1/analytics/", "/api/v1/progress/")


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Milliseconds of one endpoint: the first request, the later ones, and its queries alone."""

    path: str
    cold: float
    warm: Load
    alone: Load


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the dashboards are of."""

    admin: Actor
    ids: Mapping[str, str]


def main() -> int:
    """Print every dashboard and the goals; the exit code is 1 when one is missed."""
    students, weeks = map(int, sys.argv[1:3] or (STUDENTS, WEEKS))
    dashboards = measure(students, weeks)
    print("milliseconds: p50 / p95 / cold, and p95 of the queries alone")
    for one in dashboards:
        warm = f"{one.warm.percentile(50):6.1f} /{one.warm.percentile(95):6.1f}"
        print(f"{one.path:<72}{warm} /{one.cold:7.1f}  {one.alone.percentile(95):6.1f}")
    return print_goals(goals(dashboards))


def goals(dashboards: list[Dashboard]) -> list[Goal]:
    """Return what is promised of the slowest dashboards."""
    overheads = [one.warm.percentile(95) - one.alone.percentile(95) for one in dashboards]
    return [
        at_most(
            "the dashboard that adds most: p95 at most 40 ms over its queries alone",
            Spread.of([max(overheads)]),
            MAXIMUM_OVERHEAD_MILLISECONDS,
        ),
        at_most(
            "the slowest cold dashboard: at most 300 ms",
            Spread.of([max(one.cold for one in dashboards)]),
            MAXIMUM_COLD_MILLISECONDS,
        ),
    ]


def measure(students: int, weeks: int, *, repeats: int = REPEATS) -> list[Dashboard]:
    """Load a demo of that size, compute its marts and ask for every dashboard."""
    with throw_away_installation() as installation:
        seed_demo(
            installation.urls.admin,
            keys=installation.keys,
            password=PASSWORD,
            now=datetime.now(UTC),
            students=students,
            weeks=weeks,
            seed=1,
        )
        with psycopg.connect(installation.admin_dsn, autocommit=True) as connection:
            tenant = _larger_district(connection)
            _compute(installation, tenant)
            subject = _subject(connection, tenant)
        headers = bearer(subject.admin, installation.keys)
        asked = _asked_by_path(installation, subject, headers)
        with web_server(installation, "api.main:app", health="/readyz", **_UNLIMITED) as api:
            ask = _asker(api.port, headers)
            timed = {path: (ask(path), [ask(path) for _ in range(repeats)]) for path in asked}
        folder = open_warehouse(
            str(installation.folder / "warehouse"), installation.folder / "cache"
        ).district(tenant)
        alone = {path: _alone(folder, queries, repeats) for path, queries in asked.items()}
    return [
        Dashboard(_told(path, subject), cold, _load(warm), alone[path])
        for path, (cold, warm) in timed.items()
    ]


def _compute(installation: Installation, tenant: TenantId) -> None:
    command = [sys.executable, "-m", "ops.main", "pipelines", "run", "--district", str(tenant)]
    subprocess.run(command, env=installation.environment, cwd=CODE, check=True, stderr=subprocess.DEVNULL)


def _asked_by_path(
    installation: Installation, subject: Subject, headers: Mapping[str, str]
) -> dict[str, list[MartQuery]]:
    """Return the path of every dashboard with what it asks of the marts."""
    memory = installation.folder / "asked"
    found: dict[str, list[MartQuery]] = {}
    more = {ASKED_VARIABLE: str(memory), **_UNLIMITED}
    with web_server(installation, "ops.bench.asked:app", health="/readyz", **more) as api:
        ask = _asker(api.port, headers)
        for path in _paths(api.port, subject.ids):
            memory.unlink(missing_ok=True)
            ask(path)
            found[path] = read_asked(memory)
    return found


def _paths(port: int, ids: Mapping[str, str]) -> Iterator[str]:
    for path, methods in json.loads(_get(port, "/openapi.json", {}))["paths"].items():
        if path.startswith(_PREFIXES) and "get" in methods:
            try:
                yield path.format(**ids)
            except KeyError:
                print(f"left out, for there is none of its kind: {path}", file=sys.stderr)


def _asker(port: int, headers: Mapping[str, str]) -> Callable[[str], float]:
    connection = http.client.HTTPConnection(LOOPBACK, port)

    def ask(path: str) -> float:
        started = time.perf_counter()
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        content = response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path}: {response.status} {content[:300]!r}")
        return (time.perf_counter() - started) * 1_000

    return ask


def _get(port: int, path: str, headers: Mapping[str, str]) -> bytes:
    connection = http.client.HTTPConnection(LOOPBACK, port)
    connection.request("GET", path, headers=dict(headers))
    return connection.getresponse().read()


def _alone(folder: DistrictFolder, queries: list[MartQuery], repeats: int) -> Load:
    """Ask the same of the same files, on a connection that has nothing else to do."""
    manifest = served_manifest(folder)
    connection = duckdb.connect()
    for mart in {mart for query in queries for mart in query.marts}:
        files = [str(folder.local_root / file.path) for file in manifest.entry(mart).files]
        connection.execute(
            f"CREATE VIEW {mart} AS SELECT * FROM read_parquet({files!r}, hive_partitioning = false)"
        )
    return _load([_time_of(connection, queries) for _ in range(repeats + 1)][1:])


def _time_of(connection: duckdb.DuckDBPyConnection, queries: list[MartQuery]) -> float:
    started = time.perf_counter()
    for query in queries:
        connection.execute(query.sql, dict(query.parameters)).fetchall()
    return (time.perf_counter() - started) * 1_000


def _load(milliseconds: list[float]) -> Load:
    return Load(1_000 * len(milliseconds) / sum(milliseconds), milliseconds)


def _told(path: str, subject: Subject) -> str:
    for name, value in subject.ids.items():
        path = path.replace(value, "{" + name + "}")
    return path.removeprefix("/api/v1")


def _larger_district(connection: psycopg.Connection) -> TenantId:
    (found,) = connection.execute(
        "SELECT district_id FROM app.users WHERE role = 'student' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    ).fetchone() or (None,)
    return TenantId.from_command_line(found)


_SOMEBODY = """
    SELECT s.class_id, s.school_id, a.assignment_id, a.question_id, a.student_id, qc.concept_id,
        (SELECT id FROM app.risk_flags WHERE district_id = %(district)s LIMIT 1) AS flag_id,
        (SELECT id FROM app.users WHERE district_id = %(district)s AND role = 'admin' AND school_id IS NULL
            ORDER BY id LIMIT 1) AS admin_id
    FROM app.student_submissions s
    JOIN app.student_answers a ON a.district_id = s.district_id AND a.submission_id = s.id
    JOIN app.question_concepts qc ON qc.district_id = a.district_id AND qc.question_id = a.question_id
    WHERE s.district_id = %(district)s LIMIT 1
"""
_SIGN_IN = """
    INSERT INTO auth.sessions (id, user_id, district_id, current_hash, rotated_at, expires_at)
    VALUES (%(admin)s, %(admin)s, %(district)s, sha256('bench'), now(), now() + interval '1 day')
"""


def _subject(connection: psycopg.Connection, tenant: TenantId) -> Subject:
    cursor = connection.cursor(row_factory=dict_row)
    row = cursor.execute(_SOMEBODY, {"district": tenant.value}).fetchone() or {}
    admin = row.pop("admin_id")
    connection.execute(_SIGN_IN, {"admin": admin, "district": tenant.value})
    actor = Actor(admin, Role.ADMIN, tenant, school_id=None, session_id=admin)
    return Subject(actor, {name: str(value) for name, value in row.items() if value is not None})


if __name__ == "__main__":
    sys.exit(main())
