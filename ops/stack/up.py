"""`homeroom up` and `homeroom down`: one machine's whole installation, from nothing to ready and back."""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from core.config import get_settings, plain_url
from core.keys import KeyRing, ensure_keys
from ops.demo import DemoConflictError
from ops.stack.console import StartDisplay
from ops.stack.databases import migrate, set_role_passwords
from ops.stack.interrupts import interrupted_by_signals, undisturbed
from ops.stack.live_page import write_live_page
from ops.stack.orphans import end_orphans
from ops.stack.ports import LOOPBACK
from ops.stack.process import ProcessFailedError
from ops.stack.programs import Ports, Site, choose_ports, program_specs, write_workspace
from ops.stack.stores import Stores, StoreSettingsError, choose_stores
from ops.stack.supervisor import Supervisor
from ops.stores.lock import InUseError, exclusive, holder

CODE_DIRECTORY = Path(__file__).resolve().parents[2]
_DOWN_SECONDS = 60.0
_QUIET = {"GX_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}

Seed = Callable[[str, KeyRing], list[Mapping[str, object]]]
"""Fills the database at an admin URL with the demo and returns the `users` of demo.json."""


@dataclass(frozen=True, kw_only=True)
class UpRequest:
    """What to bring up. `seed` is given for a demo; a second run over seeded data must leave it alone."""

    state_directory: Path
    seed: Seed | None = None
    fake_openai: bool = False
    """Ask a provider of models on this machine, which writes by rule, whatever the settings name."""
    console: Console = field(default_factory=Console)


def up(request: UpRequest) -> int:
    """Run the whole stack until it is told to stop; return the exit code (0 stopped in order, 1 could not start)."""
    run_directory = request.state_directory.resolve() / "run"
    try:
        with interrupted_by_signals(), exclusive(run_directory / "up.lock"):
            _run(request, run_directory)
    except KeyboardInterrupt:
        request.console.print("stopped")
    except InUseError as error:
        request.console.print(f"[red]already running:[/] {error}. `make down` stops it.", soft_wrap=True)
        return 1
    except (ProcessFailedError, StoreSettingsError, DemoConflictError) as error:
        request.console.print("[red]could not start:[/]")
        request.console.print(str(error), highlight=False, markup=False, soft_wrap=True)
        return 1
    return 0


def down(state_directory: Path) -> bool:
    """Stop a running `up` on this state folder and wait for its end; return whether there was one.

    Raises ProcessFailedError when it has not ended after 60 s.
    """
    lock = state_directory.resolve() / "run" / "up.lock"
    pid = holder(lock)
    if pid is None:
        end_orphans(lock.parent)
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _DOWN_SECONDS
    while holder(lock) is not None:
        if time.monotonic() > deadline:
            raise ProcessFailedError(f"homeroom up (pid {pid}) has not ended after {_DOWN_SECONDS:.0f} s")
        time.sleep(0.1)
    return True


def _run(request: UpRequest, run_directory: Path) -> None:
    started_at = time.monotonic()
    for name in end_orphans(run_directory):
        request.console.print(f"ended {name}, left behind by an earlier run")
    display = StartDisplay(request.console, request.state_directory / "logs" / "supervisor.log")
    supervisor = Supervisor(run_directory, display.show)
    try:
        with display:
            site, stores, users = _bring_up(request, supervisor, display)
        _announce(request, site, stores, users)
        request.console.print(
            f"[bold green]ready[/] after {time.monotonic() - started_at:.0f} s;"
            " the first marts follow in about a minute. Ctrl-C stops it."
        )
        supervisor.watch(until=lambda: False)
    finally:
        with undisturbed():
            supervisor.stop()


def _bring_up(
    request: UpRequest, supervisor: Supervisor, display: StartDisplay
) -> tuple[Site, Stores, list[Mapping[str, object]]]:
    state_directory = request.state_directory.resolve()
    forget_own_settings(state_directory)
    stores = choose_stores(get_settings(), state_directory)
    supervisor.start(stores.specs)
    ports, notices = choose_ports(with_openai=request.fake_openai)
    for notice in notices:
        request.console.print(f"[yellow]{notice}[/]")
    keys = ensure_keys(Path(stores.environment["HOMEROOM_KEYS_PATH"]))
    _prepare(stores, display)
    users = _seeded_users(request, stores, keys, display)
    environment = _program_environment(state_directory, stores, ports)
    if users:
        page = state_directory / "live-page"
        write_live_page(page, f"http://localhost:{ports.realtime}", users)
        environment["HOMEROOM_DEMO_PAGE_PATH"] = str(page)
    site = Site(
        state_directory=state_directory,
        code_directory=CODE_DIRECTORY,
        ports=ports,
        environment=environment,
        stores=tuple(spec.name for spec in stores.specs),
    )
    _prepare_dagster(site)
    supervisor.start(program_specs(site))
    return site, stores, users


def _prepare(stores: Stores, display: StartDisplay) -> None:
    """Make databases, tables and roles. A real server without an admin URL was migrated by its operator."""
    if not stores.urls.admin:
        return
    display.step("migrations", is_done=False)
    stores.create_databases()
    migrate(stores.urls.admin, CODE_DIRECTORY)
    set_role_passwords(stores.urls)
    display.step("migrations", is_done=True)


def _seeded_users(
    request: UpRequest, stores: Stores, keys: KeyRing, display: StartDisplay
) -> list[Mapping[str, object]]:
    if request.seed is None:
        return _known_users(request.state_directory)
    if not stores.urls.admin:
        raise StoreSettingsError("the demo is loaded as the admin: set HOMEROOM_ADMIN_DATABASE_URL too")
    display.step("demo", is_done=False)
    users = request.seed(stores.urls.admin, keys)
    display.step("demo", is_done=True)
    return users


def _known_users(state_directory: Path) -> list[Mapping[str, object]]:
    """Return the logins of an earlier demo: its data is still there, so its demo.json stays true."""
    path = state_directory / "demo.json"
    if not path.exists():
        return []
    users: list[Mapping[str, object]] = json.loads(path.read_text(encoding="utf-8"))["users"]
    return users


def _program_environment(state_directory: Path, stores: Stores, ports: Ports) -> dict[str, str]:
    """Return the settings of every program. The admin's URL is not among them: no program may own a table."""
    addresses = {
        "HOMEROOM_ISSUER": f"http://localhost:{ports.api}",
        "HOMEROOM_WEB_URL": f"http://localhost:{ports.api}",
        "HOMEROOM_ALLOWED_ORIGINS": json.dumps(
            [f"http://localhost:{port}" for port in (3000, ports.api, ports.realtime)]
        ),
    }
    given = {name: value for name, value in os.environ.items() if name in addresses}
    programs_path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {
        **_QUIET,
        **addresses,
        **given,
        **stores.environment,
        **_fake_openai_environment(ports),
        "HOMEROOM_ADMIN_DATABASE_URL": "",
        "DAGSTER_HOME": str(state_directory / "dagster"),
        "PATH": programs_path,  # Dagster starts its own helpers by name
    }


def _fake_openai_environment(ports: Ports) -> dict[str, str]:
    if not ports.openai:
        return {}
    url = f"http://{LOOPBACK}:{ports.openai}/v1"
    return {"HOMEROOM_OPENAI_BASE_URL": url, "HOMEROOM_OPENAI_API_KEY": "none-needed-on-this-machine"}


def _prepare_dagster(site: Site) -> None:
    write_workspace(site)
    shutil.copyfile(CODE_DIRECTORY / "dagster.yaml", site.state_directory / "dagster" / "dagster.yaml")


def _announce(request: UpRequest, site: Site, stores: Stores, users: list[Mapping[str, object]]) -> None:
    """Print the addresses and logins, and write them for programs: demo.json, and the settings for our commands."""
    ports = site.ports
    addresses = {
        "base_url": f"http://localhost:{ports.api}",
        "realtime_url": f"http://localhost:{ports.realtime}",
        "dagster_url": f"http://localhost:{ports.dagster}",
    }
    demo = {
        **addresses,
        "owner_dsn": plain_url(stores.urls.admin),
        "app_role": "app_rw",
        "warehouse_url": stores.environment["HOMEROOM_WAREHOUSE_URL"],
        "outbox": stores.environment["HOMEROOM_OUTBOX_PATH"],
        "users": users,
    }
    _write_private(site.state_directory / "demo.json", json.dumps(demo, indent=2, default=str))
    own = {name: value for name, value in stores.environment.items() if name not in os.environ}
    _write_private(_own_settings(site.state_directory), "".join(f"{name}={own[name]}\n" for name in own))
    pages = {"api pages": f"{addresses['base_url']}/docs"}
    if users:
        pages["live page"] = f"{addresses['base_url']}/demo/live"
    for name, url in {**addresses, **pages}.items():
        request.console.print(f"  {name.removesuffix('_url'):<15} {url}", highlight=False, soft_wrap=True)
    request.console.print(f"  {'mails':<15} {_mails_go_to(stores)}", highlight=False, soft_wrap=True)
    for user in _one_of_each(users):
        line = f"  {user['role']:<15} {user['email']}  {user['password']}"
        request.console.print(line, highlight=False, markup=False, soft_wrap=True)


def _mails_go_to(stores: Stores) -> str:
    server = urlsplit(get_settings().smtp_url).hostname
    return server or f"{stores.environment['HOMEROOM_OUTBOX_PATH']} (`homeroom outbox` lists them)"


def _one_of_each(users: list[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return the first user of each role in each district and level; demo.json has them all."""
    firsts: dict[tuple[object, ...], Mapping[str, object]] = {}
    for user in users:
        firsts.setdefault((user.get("district"), user["role"], user.get("school") is None), user)
    return list(firsts.values())


def forget_own_settings(state_directory: Path) -> None:
    """Drop from our environment what an earlier `up` wrote for the other commands.

    They read that file into the environment at their start. Here it would look as if somebody named real
    servers, and nothing would be started.
    """
    own = _own_settings(state_directory)
    if not own.exists():
        return
    for line in own.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if os.environ.get(name) == value:
            del os.environ[name]
    get_settings.cache_clear()


def _own_settings(state_directory: Path) -> Path:
    return state_directory / "environment"


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(content, encoding="utf-8")
