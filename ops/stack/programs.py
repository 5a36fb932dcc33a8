"""The programs of one machine: which commands `homeroom up` runs, on which ports, and when each one is well."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ops.stack.health import Heartbeat, accepts_tcp, answers_http
from ops.stack.ports import LOOPBACK, describe_busy, next_free_port
from ops.stack.process import ProcessSpec

PREFERRED_PORTS = {"api": 8000, "realtime": 8001, "dagster": 3000, "pipelines": 3030}
OPENAI_PORT = 4010
_QUIET = "--no-access-log"
"""Its lines would hold ids of children and the addresses of their homes."""
_OUR_OWN_PROXIES = "--no-proxy-headers"
"""Whose `X-Forwarded-For` is believed is `HOMEROOM_TRUSTED_PROXIES`' to say."""
_DEFINITIONS = "pipelines.definitions"
_LARGEST_FRAME = 64 * 1024
_WORKER_BEATS = "SELECT count(*) FROM jobs.procrastinate_workers WHERE last_heartbeat >= %s"
_DAEMON_BEATS = "SELECT count(*) FROM daemon_heartbeats WHERE timestamp >= %s AT TIME ZONE 'UTC'"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """`pipelines` is the code server that Dagster's webserver and daemon share; `openai` 0: none runs here."""

    api: int
    realtime: int
    dagster: int
    pipelines: int
    openai: int = 0


@dataclass(frozen=True, kw_only=True)
class Site:
    """One installation on this machine: its folder of state, the code's folder, ports and settings.

    `stores` names the processes that every program needs, and that are therefore stopped last.
    """

    state_directory: Path
    code_directory: Path
    ports: Ports
    environment: Mapping[str, str]
    stores: tuple[str, ...]


def choose_ports(*, with_openai: bool = False) -> tuple[Ports, list[str]]:
    """Return the usual ports, or the next free ones with a sentence for each that had to move."""
    wanted = PREFERRED_PORTS | ({"openai": OPENAI_PORT} if with_openai else {})
    chosen: dict[str, int] = {}
    notices = []
    for name, preferred in wanted.items():
        chosen[name] = next_free_port(preferred, taken=chosen.values())
        if chosen[name] != preferred:
            notices.append(f"{describe_busy(preferred)}; {name} takes {chosen[name]}")
    return Ports(**chosen), notices


def program_specs(site: Site) -> list[ProcessSpec]:
    """Return every program but the stores. Dagster's three are left out where its packages are not installed."""
    specs = [_api(site), _worker(site), _realtime(site)]
    if site.ports.openai:
        specs.insert(0, _openai(site))
    if find_spec("dagster_webserver") is not None:
        specs += [_code_server(site), _dagster_webserver(site), _dagster_daemon(site)]
    return specs


def write_workspace(site: Site) -> None:
    """Tell Dagster's programs where the code server is."""
    server = f"host: {LOOPBACK}\n      port: {site.ports.pipelines}\n      location_name: homeroom"
    content = f"load_from:\n  - grpc_server:\n      {server}\n"
    _workspace(site).parent.mkdir(parents=True, exist_ok=True)
    _workspace(site).write_text(content, encoding="utf-8")


def _api(site: Site) -> ProcessSpec:
    where = ("--host", LOOPBACK, "--port", str(site.ports.api))
    command = ("uvicorn", "api.main:app", *where, _QUIET, _OUR_OWN_PROXIES)
    return _python(site, "api", command, health_url=f"http://{LOOPBACK}:{site.ports.api}/readyz")


def _realtime(site: Site) -> ProcessSpec:
    where = ("--host", LOOPBACK, "--port", str(site.ports.realtime))
    # Frames beyond ours are not even read into memory; the server's own default is 16 MiB.
    command = ("uvicorn", "realtime.main:app", *where, _QUIET, "--ws-max-size", str(_LARGEST_FRAME))
    return _python(site, "realtime", command, health_url=f"http://{LOOPBACK}:{site.ports.realtime}/readyz")


def _worker(site: Site) -> ProcessSpec:
    heartbeat = Heartbeat(site.environment["HOMEROOM_DATABASE_URL"], _WORKER_BEATS)
    spec = _python(site, "worker", ("ops.main", "worker"))
    return spec.but(prepare=heartbeat.expect, is_healthy=heartbeat.has_come)


def _openai(site: Site) -> ProcessSpec:
    port = site.ports.openai
    url = f"http://{LOOPBACK}:{port}/v1/models"
    return _python(site, "openai", ("ops.fake_openai", str(port)), health_url=url)


def _code_server(site: Site) -> ProcessSpec:
    where = ("-h", LOOPBACK, "-p", str(site.ports.pipelines))
    command = ("dagster", "api", "grpc", "-m", _DEFINITIONS, *where, "--location-name", "homeroom")
    return _python(site, "pipelines", command).but(is_healthy=accepts_tcp(site.ports.pipelines))


def _dagster_webserver(site: Site) -> ProcessSpec:
    where = ("-h", LOOPBACK, "-p", str(site.ports.dagster), "-w", str(_workspace(site)))
    url = f"http://{LOOPBACK}:{site.ports.dagster}/server_info"
    spec = _python(site, "dagster-webserver", ("dagster_webserver", *where), health_url=url)
    return spec.but(needs=(*site.stores, "pipelines"))


def _dagster_daemon(site: Site) -> ProcessSpec:
    heartbeat = Heartbeat(site.environment["HOMEROOM_DAGSTER_DATABASE_URL"], _DAEMON_BEATS)
    spec = _python(site, "dagster-daemon", ("dagster._daemon", "run", "-w", str(_workspace(site))))
    return spec.but(
        needs=(*site.stores, "pipelines"), prepare=heartbeat.expect, is_healthy=heartbeat.has_come
    )


def _python(site: Site, name: str, command: tuple[str, ...], *, health_url: str = "") -> ProcessSpec:
    return ProcessSpec(
        name=name,
        argv=(sys.executable, "-m", *command),
        log_path=site.state_directory / "logs" / f"{name}.log",
        environment=site.environment,
        working_directory=site.code_directory,
        is_healthy=answers_http(health_url) if health_url else lambda: True,
        needs=site.stores,
        start_seconds=120.0,  # Dagster's imports take their time on a small, busy machine
    )


def _workspace(site: Site) -> Path:
    return site.state_directory / "dagster" / "workspace.yaml"
