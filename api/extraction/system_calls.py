"""A filter in the kernel that refuses what no reader of files asks for: processes, sockets, the memory of others.

One wall of `confinement`, for where the others are thinner: limits on processes do not bind a root that has lost its
other rights, as in many containers. Classic BPF, loaded through prctl; other systems and processors go without.
"""

import ctypes
import platform
import struct

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050001
"""What the kernel does: nothing, end the process, answer EPERM."""
_NUMBER_AT, _PROCESSOR_AT = 0, 4
_X32 = 0x40000000
"""Calls of the same processor under other numbers; nobody uses them."""

_PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED = {
    "x86_64": {
        "socket": 41,
        "connect": 42,
        "sendto": 44,
        "socketpair": 53,
        "clone": 56,
        "fork": 57,
        "vfork": 58,
        "execve": 59,
        "kill": 62,
        "ptrace": 101,
        "tkill": 200,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "execveat": 322,
        "io_uring_setup": 425,
        "clone3": 435,
    },
    "aarch64": {
        "ptrace": 117,
        "kill": 129,
        "tkill": 130,
        "socket": 198,
        "socketpair": 199,
        "connect": 203,
        "sendto": 206,
        "clone": 220,
        "execve": 221,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "execveat": 281,
        "io_uring_setup": 425,
        "clone3": 435,
    },
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def refuse_system_calls() -> bool:
    """Install the filter for the rest of the process's life; whether the kernel took it. Needs no_new_privs."""
    processor = platform.machine()
    prctl = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)
    if processor not in _PROCESSORS or prctl is None:
        return False
    steps = _steps(_PROCESSORS[processor], sorted(_REFUSED[processor].values()))
    program = _Program(len(steps) // 8, steps)
    return bool(prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _steps(processor: int, refused: list[int]) -> bytes:
    """Return the filter: each step has a code, how many steps to skip if true and if false, and a value."""
    steps = [
        (_LOAD, 0, 0, _PROCESSOR_AT),
        (_IF_EQUAL, 1, 0, processor),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE),
    ]
    for number in refused:
        steps += [(_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)
