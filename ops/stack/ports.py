"""Which TCP port a program gets on this machine, and who holds one that is taken."""

import socket
from collections.abc import Container
from contextlib import suppress

import psutil

LOOPBACK = "127.0.0.1"
_PORTS_TRIED = 200


class NoFreePortError(Exception):
    """Every port tried was taken."""


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on the port now (ports that linger in TIME_WAIT count as free)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def next_free_port(preferred: int, *, taken: Container[int] = (), host: str = LOOPBACK) -> int:
    """Return `preferred`, or the first free port above it that is not in `taken`.

    Raises NoFreePortError when none of the next 200 is free.
    """
    for port in range(preferred, min(preferred + _PORTS_TRIED, 65536)):
        if port not in taken and is_free(port, host):
            return port
    raise NoFreePortError(f"no free port from {preferred} to {preferred + _PORTS_TRIED - 1} on {host}")


def any_free_port(host: str = LOOPBACK) -> int:
    """Return a port the operating system chose; for throw-away servers, where the number is nobody's concern."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


def port_owner(port: int) -> str | None:
    """Name the process that listens on the port, as `nginx (pid 812)`; None where it cannot be known."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status != psutil.CONN_LISTEN or connection.laddr[1:] != (port,):
                continue
            return (
                f"{psutil.Process(connection.pid).name()} (pid {connection.pid})" if connection.pid else None
            )
    return None


def describe_busy(port: int) -> str:
    """Return one plain sentence part: which port is taken and, where known, by whom."""
    owner = port_owner(port)
    return f"port {port} is taken by {owner}" if owner else f"port {port} is taken by another program"
