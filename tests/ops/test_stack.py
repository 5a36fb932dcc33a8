"""What `homeroom up` decides before it starts anything: ports, stores, databases, and who may see what."""

import json
import os
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from core.config import Settings, plain_url
from ops.stack.databases import create_databases, database_urls
from ops.stack.health import accepts_tcp, answers_http
from ops.stack.interrupts import interrupted_by_signals, undisturbed
from ops.stack.ports import any_free_port
from ops.stack.programs import Ports, Site, choose_ports, program_specs, write_workspace
from ops.stack.stores import StoreSettingsError, choose_stores
from ops.stack.up import UpRequest, down, forget_own_settings, up
from ops.stores.lock import exclusive
from ops.stores.postgres import PostgresServer, running_postgres

REAL = "postgresql+psycopg://app_rw:secret@db.example.org/homeroom"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    with running_postgres(tmp_path_factory.mktemp("pg"), durable=False) as server:
        yield server


def test_a_busy_usual_port_moves_the_program_and_is_told() -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", choose_ports()[0].api))
        listener.listen()
        busy = listener.getsockname()[1]
        ports, notices = choose_ports()
    assert ports.api > busy
    assert any(f"api takes {ports.api}" in notice for notice in notices)


def test_programs_never_share_a_port() -> None:
    ports, _ = choose_ports()
    assert len({ports.api, ports.realtime, ports.dagster, ports.pipelines}) == 4


def test_every_program_waits_for_the_stores(tmp_path: Path) -> None:
    specs = program_specs(_site(tmp_path))
    assert {spec.name for spec in specs} >= {
        "api",
        "worker",
        "realtime",
        "dagster-webserver",
        "dagster-daemon",
    }
    assert all({"postgres", "redis"} <= set(spec.needs) for spec in specs)


def test_the_provider_on_this_machine_runs_only_when_it_is_asked_for(tmp_path: Path) -> None:
    site = _site(tmp_path)
    ports, _ = choose_ports(with_openai=True)
    assert "openai" not in {spec.name for spec in program_specs(site)}
    with_it = program_specs(replace(site, ports=ports))
    assert [spec.argv[1:] for spec in with_it if spec.name == "openai"] == [
        ("-m", "ops.fake_openai", str(ports.openai))
    ]


def test_dagster_is_told_where_its_code_server_is(tmp_path: Path) -> None:
    write_workspace(_site(tmp_path))
    assert "port: 3030" in (tmp_path / "dagster" / "workspace.yaml").read_text()


def test_real_servers_named_by_settings_start_no_server_of_ours(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        database_url=REAL,
        pipeline_database_url=REAL,
        dagster_database_url=REAL,
        redis_url="redis://cache.example.org",
    )
    stores = choose_stores(settings, tmp_path)
    assert stores.specs == []
    assert stores.environment["HOMEROOM_DATABASE_URL"] == REAL
    assert stores.environment["HOMEROOM_REDIS_URL"] == "redis://cache.example.org"


def test_what_an_earlier_up_wrote_for_the_other_commands_is_no_real_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "environment").write_text(f"HOMEROOM_DATABASE_URL={REAL}\nHOMEROOM_REDIS_URL=redis://old\n")
    monkeypatch.setenv("HOMEROOM_DATABASE_URL", REAL)
    monkeypatch.setenv("HOMEROOM_REDIS_URL", "redis://given.by.somebody")
    forget_own_settings(tmp_path)
    assert "HOMEROOM_DATABASE_URL" not in os.environ
    assert os.environ["HOMEROOM_REDIS_URL"] == "redis://given.by.somebody"


def test_half_named_databases_are_an_error_that_lists_the_rest(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, database_url=REAL)
    with pytest.raises(
        StoreSettingsError, match="HOMEROOM_PIPELINE_DATABASE_URL and HOMEROOM_DAGSTER_DATABASE_URL"
    ):
        choose_stores(settings, tmp_path)


def test_without_settings_both_stores_are_ours_and_files_stay_in_the_state_folder(tmp_path: Path) -> None:
    stores = choose_stores(Settings(_env_file=None), tmp_path)
    assert [spec.name for spec in stores.specs] == ["postgres", "redis"]
    assert stores.environment["HOMEROOM_WAREHOUSE_URL"] == str(tmp_path / "warehouse")


def test_making_the_databases_twice_is_as_good_as_once(server: PostgresServer, tmp_path: Path) -> None:
    urls = database_urls(server, tmp_path / "roles.json")
    create_databases(server, urls)
    create_databases(server, urls)
    with psycopg.connect(plain_url(urls.dagster)) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == (
            "dagster",
            "dagster",
        )


def test_dagsters_role_is_no_superuser_and_others_may_not_enter_its_database(
    server: PostgresServer, tmp_path: Path
) -> None:
    create_databases(server, database_urls(server, tmp_path / "roles.json"))
    with psycopg.connect(server.admin_dsn) as connection:
        row = connection.execute(
            "SELECT rolsuper, has_database_privilege('pg_monitor', 'dagster', 'connect') FROM pg_roles"
            " WHERE rolname = 'dagster'"
        ).fetchone()
    assert row == (False, False)


def test_role_passwords_are_kept_private_and_the_same(server: PostgresServer, tmp_path: Path) -> None:
    path = tmp_path / "roles.json"
    assert database_urls(server, path) == database_urls(server, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(set(json.loads(path.read_text()).values())) == 3


@pytest.mark.parametrize(("status", "is_well"), [(200, True), (204, True), (404, False), (503, False)])
def test_only_a_2xx_answer_is_healthy(status: int, is_well: bool) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with HTTPServer(("127.0.0.1", 0), Answer) as web:
        threading.Thread(target=web.handle_request, daemon=True).start()
        assert answers_http(f"http://127.0.0.1:{web.server_port}/readyz")() is is_well


def test_nobody_listening_is_not_healthy() -> None:
    port = any_free_port()
    assert not answers_http(f"http://127.0.0.1:{port}/readyz")()
    assert not accepts_tcp(port)()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_polite_signal_interrupts(number: signal.Signals) -> None:
    with interrupted_by_signals(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)


def test_a_second_signal_does_not_disturb_the_stop() -> None:
    with interrupted_by_signals(), undisturbed():
        os.kill(os.getpid(), signal.SIGINT)


def test_a_second_up_on_the_same_folder_is_refused_with_the_first_ones_pid(tmp_path: Path) -> None:
    console = Console(record=True, width=200, file=StringIO())
    with exclusive(tmp_path / "run" / "up.lock"):
        assert up(UpRequest(state_directory=tmp_path, console=console)) == 1
    assert f"process {os.getpid()}" in console.export_text()


def test_down_where_nothing_runs_says_so(tmp_path: Path) -> None:
    assert down(tmp_path) is False


def _site(state_directory: Path) -> Site:
    return Site(
        state_directory=state_directory,
        code_directory=Path.cwd(),
        ports=Ports(api=8000, realtime=8001, dagster=3000, pipelines=3030),
        environment={"HOMEROOM_DATABASE_URL": REAL, "HOMEROOM_DAGSTER_DATABASE_URL": REAL},
        stores=("postgres", "redis"),
    )
