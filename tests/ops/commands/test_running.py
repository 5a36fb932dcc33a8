"""Migrations, and what is said when there is nothing to run on."""

import os

import psycopg
import pytest

from ops.stack.ports import any_free_port
from tests.fixtures.engines import Engines
from tests.fixtures.schema import MigratedDatabase, create_empty, drop
from tests.ops.commands.conftest import Terminal


@pytest.fixture
def empty(engines: Engines, worker_name: str):  # type: ignore[no-untyped-def]
    name = engines.template.replace("template", f"empty_{worker_name}")
    yield create_empty(engines.admin_dsn, name)
    drop(engines.admin_dsn, name)


def test_an_empty_database_is_migrated_and_its_roles_can_sign_in(
    bare_terminal: Terminal, empty: MigratedDatabase
) -> None:
    bare_terminal.given(
        HOMEROOM_ADMIN_DATABASE_URL=empty.admin_url,
        HOMEROOM_DATABASE_URL=empty.app_url,
        HOMEROOM_PIPELINE_DATABASE_URL=empty.pipeline_url,
    )
    for _ in range(2):
        outcome = bare_terminal("migrate")
        assert outcome.code == 0
        assert "newest migration" in outcome.out
    for url in (empty.app_url, empty.pipeline_url):
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            row = connection.execute("SELECT count(*) FROM app.district_directory").fetchone()
        assert row == (0,)


def test_a_role_that_may_not_migrate_is_told_so(terminal: Terminal, migrated: MigratedDatabase) -> None:
    terminal.given(HOMEROOM_ADMIN_DATABASE_URL=migrated.app_url)
    assert "must name the one that owns the database" in terminal("migrate").sentence


@pytest.mark.parametrize("command", [["migrate"], ["district", "create", "Elm"], ["demo"]])
def test_a_database_that_does_not_answer_is_one_sentence(terminal: Terminal, command: list[str]) -> None:
    nobody = f"postgresql+psycopg://app_rw:x@127.0.0.1:{any_free_port()}/homeroom"
    terminal.given(HOMEROOM_ADMIN_DATABASE_URL=nobody)
    assert "PostgreSQL does not answer" in terminal(*command).sentence


@pytest.mark.parametrize(
    ("command", "setting"),
    [
        (["migrate"], "HOMEROOM_ADMIN_DATABASE_URL"),
        (["demo"], "HOMEROOM_ADMIN_DATABASE_URL"),
        (["worker"], "HOMEROOM_DATABASE_URL"),
        (["pipelines", "run"], "HOMEROOM_PIPELINE_DATABASE_URL"),
        (["warehouse", "rebuild"], "HOMEROOM_PIPELINE_DATABASE_URL"),
        (["warehouse", "verify"], "HOMEROOM_PIPELINE_DATABASE_URL"),
    ],
)
def test_a_missing_setting_is_named(bare_terminal: Terminal, command: list[str], setting: str) -> None:
    assert f"{setting} is not set" in bare_terminal(*command).sentence


def test_down_where_nothing_runs_says_so(bare_terminal: Terminal) -> None:
    outcome = bare_terminal("down")
    assert (outcome.code, outcome.out) == (0, "nothing runs here\n")


@pytest.mark.parametrize(
    "command", [["worker", "--concurrency", "0"], ["worker", "--health-port", "x"], ["fly"]]
)
def test_unknown_commands_and_values_are_refused(bare_terminal: Terminal, command: list[str]) -> None:
    assert bare_terminal(*command).sentence


def test_up_takes_no_address_that_an_earlier_up_left_in_this_folder(
    bare_terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = bare_terminal.folder / ".homeroom" / "environment"
    left.parent.mkdir(exist_ok=True)
    left.write_text("HOMEROOM_REDIS_URL=redis://127.0.0.1:1/0\n")
    seen: list[str | None] = []
    monkeypatch.setattr(
        "ops.stack.up.up", lambda _request: seen.append(os.environ.get("HOMEROOM_REDIS_URL")) or 0
    )
    assert bare_terminal("up", "--state", "elsewhere").code == 0
    assert seen == [None]
