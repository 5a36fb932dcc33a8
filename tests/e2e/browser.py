"""A headless Chromium, driven over its debugging protocol: enough to open a page, act in it and look at it."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.sync.client import ClientConnection, connect

from ops.stack.ports import any_free_port

_SECONDS = 30.0


def require_chromium() -> str:
    """Return the browser's command. Where there is none the test is skipped, and fails in continuous integration."""
    command = shutil.which("chromium")
    if command is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: make tools")
        pytest.skip("no chromium here; `make tools` provides it on Debian")
    return command


class Page:
    """One page of the browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = count(1)

    def run(self, script: str) -> Any:
        """Return what a script in the page evaluates to; promises are waited for."""
        wanted = {"expression": script, "awaitPromise": True, "returnByValue": True}
        answer = self._call("Runtime.evaluate", wanted)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, script: str, what: str) -> Any:
        """Return the first thing a script evaluates to that is true."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            if found := self.run(script):
                return found
            time.sleep(0.1)
        pytest.fail(f"{what} did not appear; the page says: {self.run('document.body.innerText')}")

    def photograph(self, path: Path) -> None:
        """Keep what the page looks like as a PNG."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", {"format": "png"})["data"]))

    def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv(_SECONDS))
            if said.get("id") == number:
                assert "error" not in said, said
                return said["result"]


@contextmanager
def opened(url: str, profile: Path) -> Iterator[Page]:
    """Open a page in a browser of its own."""
    port = any_free_port()
    flags = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1400,860",
        "--force-color-profile=srgb",
    )
    command = [
        require_chromium(),
        *flags,
        f"--remote-debugging-port={port}",
        f"--user-data-dir={profile}",
        url,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with connect(_debugger(port, url), max_size=None, proxy=None) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        process.wait(10)


def _debugger(port: int, url: str) -> str:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        try:
            pages = httpx2.get(f"http://127.0.0.1:{port}/json/list").json()
        except httpx2.TransportError:
            pages = []
        for page in pages:
            if page["type"] == "page" and page["url"].startswith(url):
                address: str = page["webSocketDebuggerUrl"]
                return address
        time.sleep(0.1)
    pytest.fail("the browser did not open the page")
