"""Which account a store's server runs as when we are root: PostgreSQL refuses to run as root at all."""

import os
import pwd
import stat
import sys
from pathlib import Path

from ops.stack.process import Account

_CANDIDATES = ("postgres", "nobody")  # taken if they exist; we never create accounts on somebody's machine


class NoAccountError(Exception):
    """Root found no lesser account to run PostgreSQL as."""


def server_account(data_directory: Path) -> Account | None:
    """Return the account for a server's processes and files; None (ourselves) unless we are root.

    A data directory from an earlier run keeps its owner, so a later `apt install postgresql` changes nothing.
    """
    if os.geteuid() != 0:
        return None
    if data_directory.exists() and (owner := data_directory.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoAccountError(
        f"running as root, and none of the accounts {', '.join(_CANDIDATES)} exists for PostgreSQL"
    )


def give_to(path: Path, account: Account | None) -> None:
    """Make a file or folder belong to the account (nothing to do when that is ourselves)."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def open_the_way_to(path: Path, account: Account | None) -> None:
    """Let another account walk through the folders above `path` (the x bit only: it cannot list or read them).

    Without it a checkout under /root (mode 0700) could not be served from.
    """
    if account is None:
        return
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            print(f"letting the account of PostgreSQL walk through {folder} (o+x)", file=sys.stderr)
            folder.chmod(mode | stat.S_IXOTH)
