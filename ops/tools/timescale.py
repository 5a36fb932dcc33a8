"""A throw-away TimescaleDB for the tests, from the root folder that `make tools` provisions on Debian."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.stack.ports import any_free_port
from ops.stores.installation import Installation
from ops.stores.postgres import PostgresServer, running_postgres

DEFAULT_ROOT = Path("/var/cache/homeroom/timescale-root")
_BINARIES = Path("usr/lib/postgresql/17/bin")


class TimescaleMissingError(Exception):
    """The TimescaleDB root is not provisioned, or we are not the root user who may enter it."""


def timescale_root() -> Path:
    """Return where the root folder is, or would be: HOMEROOM_TIMESCALE_ROOT or /var/cache/homeroom/timescale-root."""
    return Path(os.environ.get("HOMEROOM_TIMESCALE_ROOT", str(DEFAULT_ROOT)))


def timescale_is_provisioned() -> bool:
    """Tell whether `running_timescale` can work here (chroot asks for the root user)."""
    return os.geteuid() == 0 and (timescale_root() / _BINARIES / "postgres").exists()


@contextmanager
def running_timescale() -> Iterator[PostgresServer]:
    """Run an empty TimescaleDB server on a free loopback port while the block runs; its data is deleted after.

    Raises TimescaleMissingError where `make tools` has not provisioned it.
    """
    if not timescale_is_provisioned():
        raise TimescaleMissingError(
            f"no TimescaleDB in {timescale_root()}: run `make tools` as root on Debian"
        )
    root = timescale_root().resolve()
    installation = Installation(
        binaries=root / _BINARIES,
        root=root,
        settings={"shared_preload_libraries": "timescaledb", "timescaledb.telemetry_level": "off"},
    )
    state_directory = Path(tempfile.mkdtemp(prefix="homeroom-timescale-", dir=root / "tmp"))
    try:
        state_directory.chmod(0o711)
        with running_postgres(
            state_directory, port=any_free_port(), durable=False, installation=installation
        ) as server:
            yield server
    finally:
        shutil.rmtree(state_directory)
