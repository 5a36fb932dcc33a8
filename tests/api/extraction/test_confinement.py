"""What code in the child can still do, once it has given up the rest. Each attempt runs in a process of its own."""

import platform
import subprocess
import sys
import textwrap

import pytest

from tests.architecture.source import ROOT

_CONFINED = """
import ctypes, os, socket, subprocess, sys
sys.path.insert(0, {root!r})
from api.extraction.confinement import limit_resources, lock_down
from api.extraction.limits import Limits
libc = ctypes.CDLL(None, use_errno=True)
limit_resources(Limits(), Limits().memory_bytes)
{before}
lock_down()
try:
{attempt}
except BaseException as error:
    os.write(1, type(error).__name__.encode())
else:
    os.write(1, b"done " + repr(outcome).encode())
"""


def _attempt(attempt: str, *, before: str = "") -> str:
    code = _CONFINED.format(root=str(ROOT), before=before, attempt=textwrap.indent(attempt, "    "))
    result = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False, env={}
    )
    return result.stdout or f"died {result.returncode} {result.stderr}"


@pytest.mark.parametrize(
    "attempt",
    [
        "outcome = socket.socket()",
        "outcome = socket.create_connection(('127.0.0.1', 80), 1)",
        "outcome = socket.getaddrinfo('example.org', 80)",
        "outcome = open('/etc/passwd')",
        "outcome = open('left-behind', 'w')",
        "outcome = os.open('/etc/passwd', os.O_RDONLY)",
        "outcome = subprocess.run(['/bin/true'])",
        "outcome = os.system('true')",
        "outcome = os.fork()",
        "outcome = os.execv('/bin/true', ['true'])",
    ],
)
def test_python_is_refused(attempt: str) -> None:
    assert _attempt(attempt) in {
        "PermissionError",
        "OSError",
    }  # ours, or the kernel's that there are no descriptors


@pytest.mark.parametrize(
    "call",
    [
        "libc.socket(2, 1, 0)",
        "libc.socket(1, 1, 0)",
        "libc.open(b'/etc/passwd', 0)",
        "libc.creat(b'left-behind', 0o600)",
        "libc.dup(1)",
        "libc.fork()",
        "libc.kill(os.getppid(), 0)",
        "libc.execve(b'/bin/true', None, None)",
        "libc.syscall(435, 0, 0)",
    ],
)
def test_native_code_is_refused_by_the_kernel(call: str) -> None:
    assert _attempt(f"outcome = {call}") == "done -1"


@pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="the filter knows two processors")
def test_the_filter_holds_alone() -> None:
    """For a root in a container, whom limits on processes do not bind."""
    filtered = "from api.extraction.system_calls import refuse_system_calls; libc.prctl(38, 1, 0, 0, 0)"
    before = f"{filtered}; print(refuse_system_calls(), libc.fork(), libc.socket(2, 1, 0), flush=True)"
    assert _attempt("outcome = 0", before=before).startswith("True -1 -1\n")


def test_a_socket_from_before_reaches_nothing() -> None:
    """Even with a descriptor in hand: the network of the child has no way out."""
    before = "hand = socket.socket(); hand.settimeout(2)"
    outcome = _attempt(
        "outcome = libc.connect(hand.fileno(), bytes([2, 0, 0, 80, 127, 0, 0, 1] + [0] * 8), 16)",
        before=before,
    )
    assert outcome == "done -1"


def test_nobody_runs_the_child() -> None:
    outcome = _attempt("outcome = os.getresuid()")
    assert outcome.startswith("done (")
    assert "0" not in outcome.strip("done ()").split(", ")


def test_memory_is_bounded() -> None:
    assert _attempt("outcome = len(bytearray(2 * 1024 ** 3))") == "MemoryError"
