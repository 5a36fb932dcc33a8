"""Become another program, tied to the life of the process that asked.

Run as `python -I -S leash.py <parent pid> <signal> <uid:gid or -> <program> [argument ...]`. On Linux the
kernel sends `signal` to the program when its parent dies, however it dies, so a supervisor killed with -9
leaves no servers behind. The account is changed here and not by the parent, because the interpreter itself may
live where the lesser account cannot read it. Stands alone on purpose: it imports nothing of ours.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _take_account(account: str) -> None:
    if account == "-":
        return
    uid, gid = (int(part) for part in account.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _die_with(parent: int, signal_number: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # it died between the fork and the line above
        sys.exit(1)


def main() -> None:
    parent, signal_number, account, root, *program = sys.argv[1:]
    if root != "-":
        os.chroot(root)
        os.chdir("/")
    _take_account(account)
    _die_with(int(parent), int(signal_number))  # after the account: a change of user clears it
    try:
        os.execvp(program[0], program)  # noqa: S606 - becoming another program is this file's one purpose
    except OSError as error:
        sys.stderr.write(f"{program[0]}: {error.strerror}\n")
        sys.exit(127)


if __name__ == "__main__":
    main()
