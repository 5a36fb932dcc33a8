"""Starting a server of ours, on another port when its own was taken between our look and the server's bind."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from ops.stack.ports import any_free_port
from ops.stack.process import ProcessFailedError, ProcessSpec, start_process, stop_process, wait_until_healthy

_ATTEMPTS = 5

Server = TypeVar("Server", bound=Any)
"""A dataclass with a `port`."""


def start_where_free(
    server: Server, spec_of: Callable[[Server], ProcessSpec]
) -> tuple[ProcessSpec, "subprocess.Popen[bytes]", Server]:
    """Start the server and wait until it is well; returns it with the port it got.

    Raises ProcessFailedError when it does not come up for any other reason than a taken port.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        spec = spec_of(server)
        process = start_process(spec)
        try:
            wait_until_healthy(spec, process)
        except BaseException as error:
            stop_process(spec, process)
            port_was_taken = isinstance(error, ProcessFailedError) and "Address already in use" in str(error)
            if not port_was_taken or attempt == _ATTEMPTS:
                raise
            server = replace(server, port=any_free_port())
        else:
            return spec, process, server
    raise AssertionError("unreachable: the last attempt returns or raises")
