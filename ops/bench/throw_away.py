"""An installation that lasts one benchmark: durable PostgreSQL, Redis, the schema, roles, keys, and web servers."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ops
from core.config import plain_url
from core.keys import KeyRing, ensure_keys
from ops.stack.databases import (
    DatabaseUrls,
    as_environment,
    create_databases,
    database_urls,
    migrate,
    set_role_passwords,
)
from ops.stack.health import answers_http
from ops.stack.ports import LOOPBACK, any_free_port
from ops.stack.process import ProcessSpec, start_process, stop_process, wait_until_healthy
from ops.stores.postgres import running_postgres
from ops.stores.redis import running_redis

CODE = Path(ops.__file__).resolve().parents[1]
NO_LIMIT = 1_000_000
"""Per user and minute: the limiter counts every request, and refuses none of a benchmark's."""


@dataclass(frozen=True)
class Installation:
    """Where everything is; `environment` is what our programs read it from."""

    folder: Path
    urls: DatabaseUrls
    keys: KeyRing
    environment: dict[str, str]

    @property
    def admin_dsn(self) -> str:
        """As the superuser, for psycopg: around the walls, for seeding."""
        return plain_url(self.urls.admin)

    @property
    def app_dsn(self) -> str:
        """As app_rw, for psycopg."""
        return plain_url(self.urls.app)


@dataclass(frozen=True)
class WebServer:
    """One uvicorn worker that runs."""

    port: int
    process_id: int


@contextmanager
def throw_away_installation() -> Iterator[Installation]:
    """Run empty, migrated stores while the block runs. Commits reach the disk, as in a real installation."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's own account walks through it
        with (
            running_redis(folder / "redis", port=any_free_port()) as redis,
            running_postgres(folder / "pg", port=any_free_port()) as postgres,
        ):
            urls = database_urls(postgres, folder / "passwords.json")
            create_databases(postgres, urls)
            migrate(urls.admin, CODE)
            set_role_passwords(urls)
            keys = ensure_keys(folder / "keys.json")
            yield Installation(folder, urls, keys, _environment(folder, urls, redis.url))


@contextmanager
def web_server(
    installation: Installation, application: str, *, health: str = "/openapi.json", **more: str
) -> Iterator[WebServer]:
    """Run one uvicorn worker with `application` while the block runs; `more` joins its environment."""
    port = any_free_port()
    spec = ProcessSpec(
        name=application.partition(":")[0],
        argv=(*server_command(application), "--port", str(port)),
        log_path=installation.folder / f"{application.replace(':', '-')}.log",
        environment={**installation.environment, **more},
        working_directory=CODE,
        is_healthy=answers_http(f"http://{LOOPBACK}:{port}{health}"),
    )
    process = start_process(spec)
    try:
        wait_until_healthy(spec, process)
        yield WebServer(port, process.pid)
    finally:
        stop_process(spec, process)


def server_command(application: str) -> tuple[str, ...]:
    """Return the command of a web server, the same for both sides: access logs would flatter the slower one."""
    return (sys.executable, "-m", "uvicorn", application, "--host", LOOPBACK, "--no-access-log")


def _environment(folder: Path, urls: DatabaseUrls, redis_url: str) -> dict[str, str]:
    inherited = {name: "" for name in os.environ if name.startswith("HOMEROOM_")}
    return {
        **{name: value for name, value in inherited.items() if name == "HOMEROOM_REPLICA_DATABASE_URL"},
        **as_environment(urls),
        "HOMEROOM_REDIS_URL": redis_url,
        "HOMEROOM_KEYS_PATH": str(folder / "keys.json"),
        "HOMEROOM_WAREHOUSE_URL": str(folder / "warehouse"),
        "HOMEROOM_STORAGE_URL": str(folder / "storage"),
        "HOMEROOM_RATE_LIMIT_PER_MINUTE": str(NO_LIMIT),
        "HOMEROOM_EVENT_BATCHES_PER_MINUTE": str(NO_LIMIT),
    }
