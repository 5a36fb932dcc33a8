"""What a running Homeroom needs, whether it is here, and how to mend it where it is not."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import psycopg
import redis
from alembic.script import ScriptDirectory

from core.config import STATE_DIRECTORY, get_settings, plain_url
from core.keys import load_keys
from ops.stack.ports import describe_busy, is_free
from ops.stack.programs import PREFERRED_PORTS
from ops.stores.lock import holder

CODE_DIRECTORY = Path(__file__).resolve().parents[1]

_UP_LOCK = STATE_DIRECTORY / "run" / "up.lock"
SECONDS = 3
SMALLEST_DISK = 2 * 1024**3
"""Bytes: a district of 2,000 students and a year of clicks fill about one."""

State = Literal["well", "optional", "missing"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `missing` must be mended, `optional` is fine to leave."""

    subject: str
    state: State
    said: str


def examine() -> list[Finding]:
    """Look at everything; nothing is changed."""
    return [look() for look in _LOOKS]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info[:2] < (3, 13)
    return Finding("python", "well" if supported else "missing", f"{version}; 3.11 or 3.12 is needed")


def _pipelines() -> Finding:
    if find_spec("dagster") and find_spec("great_expectations"):
        return Finding("pipelines packages", "well", "Dagster and Great Expectations are installed")
    return Finding("pipelines packages", "optional", "no analytics here; mend: uv sync --extra pipelines")


def _uv() -> Finding:
    if shutil.which("uv") or (CODE_DIRECTORY / ".uv" / "bin" / "uv").exists():
        return Finding("uv", "well", "is here")
    return Finding("uv", "optional", "is not here; `make install` brings it")


def _ports() -> Finding:
    """Ports that somebody else has taken are no obstacle: `homeroom up` takes the next ones."""
    if holder(_UP_LOCK) is not None:
        return Finding("ports", "well", "are those of the running `homeroom up`")
    busy = [describe_busy(port) for port in PREFERRED_PORTS.values() if not is_free(port)]
    if busy:
        return Finding("ports", "optional", f"{'; '.join(busy)}; `homeroom up` would take the next ones")
    return Finding("ports", "well", f"{', '.join(map(str, PREFERRED_PORTS.values()))} are free")


def _disk() -> Finding:
    free = shutil.disk_usage(".").free
    said = f"{free / 1024**3:.1f} GiB free"
    return Finding(
        "disk", "well" if free >= SMALLEST_DISK else "missing", f"{said}; at least 2 GiB are needed"
    )


def _keys() -> Finding:
    path = get_settings().keys_path
    try:
        keys = load_keys(path)
    except FileNotFoundError:
        return Finding(
            "keys", "missing", f"no file at {path}; mend: homeroom keys create, or restore your backup"
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        return Finding(
            "keys", "missing", f"{path} cannot be read ({type(error).__name__}); restore your backup"
        )
    open_to_others = path.stat().st_mode & 0o077
    said = f"{len(keys.signing_keys)} signing keys at {path}"
    if open_to_others:
        return Finding("keys", "missing", f"{said}, readable by others; mend: chmod 600 {path}")
    return Finding("keys", "well", said)


def _database() -> Finding:
    return _ask_postgres("database", get_settings().database_url, _judge_app_role)


def _pipeline_database() -> Finding:
    return _ask_postgres("pipeline database", get_settings().pipeline_database_url, lambda _: None)


def _migrations() -> Finding:
    url = get_settings().admin_database_url
    if not url:
        return Finding("migrations", "optional", "cannot be seen without HOMEROOM_ADMIN_DATABASE_URL")
    return _ask_postgres("migrations", url, _judge_version)


def _judge_version(connection: psycopg.Connection) -> str | None:
    """Return what is wrong with the tables' version or the roles."""
    newest = ScriptDirectory(str(CODE_DIRECTORY / "migrations")).get_current_head()
    query = "SELECT version_num FROM app.alembic_version"
    try:
        row = connection.execute(query).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        row = None
    if row is None or row[0] != newest:
        return "not the newest; mend: homeroom migrate"
    return None


def _judge_app_role(connection: psycopg.Connection) -> str | None:
    """Return what is wrong with the role or the tables it finds."""
    row = connection.execute(
        "SELECT rolsuper OR rolbypassrls, to_regclass('app.alembic_version')"
        " FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if row is None or row[0]:
        return "the role bypasses row security; use app_rw"
    if row[1] is None:
        return "there are no tables; mend: homeroom migrate"
    return None


def _ask_postgres(subject: str, url: str, judge: Callable[[psycopg.Connection], str | None]) -> Finding:
    if not url:
        return Finding(subject, "missing", "no URL in the settings; mend: homeroom up, or set it (README)")
    try:
        with psycopg.connect(plain_url(url), connect_timeout=SECONDS) as connection:
            wrong = judge(connection)
            version = connection.info.parameter_status("server_version")
    except psycopg.OperationalError as error:
        return Finding(subject, "missing", f"does not answer: {str(error).strip().splitlines()[-1]}")
    return Finding(subject, "missing" if wrong else "well", wrong or f"PostgreSQL {version} answers")


def _redis() -> Finding:
    url = get_settings().redis_url
    if not url:
        return Finding("redis", "optional", "not set: no hints between processes, limits count per process")
    try:
        with redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as client:
            client.ping()
    except redis.RedisError as error:
        return Finding("redis", "missing", f"does not answer ({type(error).__name__}); clients still pull")
    return Finding("redis", "well", "answers")


def _running() -> Finding:
    pid = holder(_UP_LOCK)
    if pid is None:
        return Finding("homeroom up", "optional", "does not run in this folder; start: make up")
    return Finding("homeroom up", "well", f"runs as process {pid}")


_LOOKS = [
    _python,
    _uv,
    _pipelines,
    _disk,
    _running,
    _ports,
    _keys,
    _database,
    _pipeline_database,
    _migrations,
    _redis,
]
