"""Two realtime nodes over the stack's stores, behind nginx as an operator would run it: no sticky sessions."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx2
import psutil
import pytest

from tests.e2e.client import GLANCE_SECONDS
from tests.e2e.mailbox import free_port

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "tests" / "client"
NGINX = shutil.which("nginx", path=f"/usr/sbin{os.pathsep}{os.environ.get('PATH', '')}")
START_SECONDS = 90
LARGEST_FRAME = 64 * 1024

_NGINX_CONFIGURATION = """
daemon off;
{account}
worker_processes 1;  # one counts the turns for all, so two callers in a row never meet at one node
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream sockets {{
{nodes}
    }}
    server {{
        listen 127.0.0.1:{port};
        location /socket.io/ {{
            proxy_pass http://sockets;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_connect_timeout 2s;
            proxy_read_timeout 75s;  # the nodes ping every 25 s
        }}
        location / {{
            proxy_pass {api};
            proxy_set_header Host $http_host;
        }}
    }}
}}
"""


class Tab(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=Tab)


def require_tools() -> None:
    """Skip where a tool is missing that `make tools` provides; in CI that is a failure."""
    wanted = {
        "node": shutil.which("node"),
        "nginx": NGINX,
        "the npm client": (CLIENT / "node_modules" / "socket.io-client").is_dir(),
    }
    missing = [name for name, found in wanted.items() if not found]
    if missing:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"needs {', '.join(missing)}: run `make tools`")


def settings_from(path: Path) -> dict[str, str]:
    """Read the settings that the stack left for our commands."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line)


@dataclass
class Program:
    """A program of ours under uvicorn on a port that stays the same when it is started again."""

    application: str
    port: int
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def callers(self) -> int:
        """How many connections it holds open on its port."""
        assert self.process is not None
        connections = psutil.Process(self.process.pid).net_connections(kind="tcp")
        return sum(each.status == "ESTABLISHED" and each.laddr.port == self.port for each in connections)

    def start(self) -> None:
        size = ("--ws-max-size", str(LARGEST_FRAME), "--no-access-log")
        command = [sys.executable, "-m", "uvicorn", self.application, "--port", str(self.port), *size]
        environment = {**os.environ, **self.environment}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )

    def wait_until_ready(self) -> None:
        assert self.process is not None
        wait_until_ready(self.url, self.process, self.log)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


@dataclass(frozen=True)
class Site:
    """`url` is nginx; `hasty` is an API like the stack's whose tokens live for a minute."""

    url: str
    nodes: tuple[Program, Program]
    hasty: Program

    def open_on(self, node: Program, connect: Callable[[], T]) -> T:
        """Connect through nginx until the connection is one to `node`: the next turn or the one after it."""
        for _ in range(6):
            before = node.callers
            tab = connect()
            if node.callers > before:
                return tab
            tab.close()
        pytest.fail(f"nginx never led to the node at {node.url}")


@contextmanager
def running_site(stack: Mapping[str, Any], environment: Path) -> Iterator[Site]:
    """Run two nodes, an API of short patience, and nginx before them and the stack's API."""
    with tempfile.TemporaryDirectory(prefix="homeroom-nodes-") as name:
        folder = Path(name)
        url = f"http://localhost:{free_port()}"
        common = {
            **settings_from(environment),
            "HOMEROOM_ISSUER": stack["base_url"],
            "HOMEROOM_ALLOWED_ORIGINS": json.dumps([url]),
        }
        first, second = [_program("realtime.main:app", common, folder) for _ in range(2)]
        hasty = _program("api.main:app", {**common, "HOMEROOM_ACCESS_TOKEN_MINUTES": "1"}, folder)
        programs = (first, second, hasty)
        try:
            for program in programs:
                program.start()
            for program in programs:
                program.wait_until_ready()
            with _running_nginx(folder, url, stack["base_url"], (first, second)):
                yield Site(url, (first, second), hasty)
        finally:
            for program in programs:
                program.stop()


def _program(application: str, environment: Mapping[str, str], folder: Path) -> Program:
    port = free_port()
    return Program(application, port, environment, folder / f"{application.partition('.')[0]}-{port}.log")


@contextmanager
def _running_nginx(folder: Path, url: str, api: str, nodes: tuple[Program, Program]) -> Iterator[None]:
    configuration = folder / "nginx.conf"
    servers = [f"        server 127.0.0.1:{node.port} max_fails=1 fail_timeout=1s;" for node in nodes]
    configuration.write_text(
        _NGINX_CONFIGURATION.format(
            account="user root;" if os.getuid() == 0 else "",  # its own account could not read our folder
            folder=folder,
            port=url.rpartition(":")[2],
            nodes="\n".join(servers),
            api=api.replace("localhost", "127.0.0.1"),
        )
    )
    command = [str(NGINX), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        wait_until_ready(url, process, folder / "error.log")
        yield
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when the server answers, or whoever stands behind it; fail when it ends first."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx2.HTTPError):
            if httpx2.get(f"{url}/readyz").is_success:
                return
        time.sleep(GLANCE_SECONDS)
    pytest.fail(f"{url} did not become ready:\n{log.read_text()[-4000:]}")
