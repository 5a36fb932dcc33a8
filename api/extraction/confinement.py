"""What the child gives up before it looks at a stranger's file. Runs in the child only, Linux first.

Four walls, each of which holds without the others:

1. `limit_resources`, first thing: memory, processor time, file size, no core dumps, and a network namespace of its
   own with nothing in it (through a user namespace where we are not root). Where the kernel allows neither, the
   second wall still keeps sockets away.
2. `lock_down`, when libraries are loaded and the file is in memory: no new descriptor (so no file and no socket, not
   even by native code), no new process or thread, another user where we were root, no privileges ever again.
3. A filter of system calls (`system_calls`): no process, no socket, nobody else's memory.
4. An audit hook that refuses sockets, files and processes with an exception, for what Python itself tries.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from typing import Any

from api.extraction.limits import Limits
from api.extraction.system_calls import refuse_system_calls

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_NOBODY = 65534
_REFUSED_EVENTS = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "open",
)


def limit_resources(limits: Limits, memory_bytes: int) -> None:
    """Bound memory, time and files, and leave the network. Before anything large is imported."""
    _bound(resource.RLIMIT_AS, memory_bytes)
    _bound(resource.RLIMIT_CPU, limits.cpu_seconds, grace=1)  # first a signal that says why, then SIGKILL
    _bound(resource.RLIMIT_FSIZE, limits.temporary_bytes)
    _bound(resource.RLIMIT_CORE, 0)
    if not _leave_network(_CLONE_NEWNET):  # needs root
        _leave_network(_CLONE_NEWUSER | _CLONE_NEWNET)


def lock_down() -> None:
    """Give up everything that reading bytes in memory does not need. Nothing can be imported afterwards."""
    _become_nobody()
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of user, which clears it
    _bound(resource.RLIMIT_FSIZE, 0)
    _bound(resource.RLIMIT_NPROC, 0)
    _bound(resource.RLIMIT_NOFILE, 0)
    refuse_system_calls()
    sys.addaudithook(_refuse)


def _bound(what: int, most: int, *, grace: int = 0) -> None:
    """Lower a limit, never raise it: a container may already allow less."""
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard - grace)
    with contextlib.suppress(
        ValueError, OSError
    ):  # macOS knows no limit of address space; the wall clock stays
        resource.setrlimit(what, (most, most + grace))


def _leave_network(flags: int) -> bool:
    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    return unshare is not None and unshare(flags) == 0


def _become_nobody() -> None:
    if os.geteuid() != 0:
        return
    with contextlib.suppress(OSError):  # root of a user namespace may not
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _prctl(option: int, argument: int) -> None:
    prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)
    if prctl is not None:
        prctl(option, argument, 0, 0, 0)


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not for the reader of a file")
