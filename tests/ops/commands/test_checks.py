"""Commands that look."""

import json
import subprocess
import sys

import pytest

from core.config import Settings
from ops.stack.ports import any_free_port
from tests.fixtures.schema import PROJECT_ROOT, MigratedDatabase
from tests.ops.commands.conftest import Terminal

HEAVY = ["dagster", "sqlalchemy", "polars", "fastapi", "great_expectations", "duckdb", "socketio"]


def test_help_lists_the_commands_and_loads_nothing_heavy() -> None:
    program = (
        "import sys; sys.argv = ['homeroom', '--help']\n"
        "from ops.main import main\n"
        "try: main()\n"
        f"except SystemExit: print('loaded', [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("loaded []\n")
    for command in ("up", "down", "migrate", "demo", "worker", "doctor", "bench", "openapi", "pipelines"):
        assert f" {command} " in done.stdout


def test_the_openapi_description_is_printed_or_written(bare_terminal: Terminal) -> None:
    printed = bare_terminal("openapi").data
    assert "/api/v1/auth/login" in printed["paths"]
    assert bare_terminal("openapi", "api.json").code == 0
    assert json.loads((bare_terminal.folder / "api.json").read_text()) == printed


def test_a_path_that_cannot_be_written_is_one_sentence(bare_terminal: Terminal) -> None:
    assert "nowhere" in bare_terminal("openapi", "nowhere/api.json").sentence


def test_doctor_is_content_with_a_whole_installation(terminal: Terminal, migrated: MigratedDatabase) -> None:
    found = terminal("doctor", "--json").data
    assert {"python", "uv", "disk", "ports", "keys", "database", "pipeline database", "redis"} <= set(found)
    assert "PostgreSQL" in found["migrations"]["said"]
    assert found["redis"] == {"state": "well", "said": "answers"}


def test_doctor_says_what_is_missing_and_how_to_mend_it(bare_terminal: Terminal) -> None:
    outcome = bare_terminal("doctor")
    assert outcome.code == 1
    assert outcome.out.count("mend:") >= 3
    assert "homeroom up" in outcome.out


@pytest.fixture
def faults(terminal: Terminal, settings: Settings) -> dict[str, object]:
    """What a setting may lead to that it should not."""
    broken, readable = terminal.folder / "broken.json", terminal.folder / "open.json"
    broken.write_text("{")
    readable.write_bytes(settings.keys_path.read_bytes())
    readable.chmod(0o644)
    admin = settings.admin_database_url
    empty = f"{admin.rpartition('/')[0]}/postgres"
    return {"admin": admin, "empty": empty, "port": any_free_port(), "broken": broken, "open": readable}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HOMEROOM_DATABASE_URL", "{admin}", "bypasses row security"),
        ("HOMEROOM_DATABASE_URL", "postgresql://x:y@127.0.0.1:{port}/z", "does not answer"),
        ("HOMEROOM_REDIS_URL", "redis://127.0.0.1:{port}", "does not answer"),
        ("HOMEROOM_KEYS_PATH", "{broken}", "restore your backup"),
        ("HOMEROOM_KEYS_PATH", "{open}", "chmod 600"),
        ("HOMEROOM_ADMIN_DATABASE_URL", "{empty}", "homeroom migrate"),
    ],
)
def test_doctor_names_each_fault(
    terminal: Terminal, faults: dict[str, object], name: str, value: str, said: str
) -> None:
    terminal.given(**{name: value.format(**faults)})
    outcome = terminal("doctor")
    assert outcome.code == 1
    assert said in outcome.out


def test_an_unknown_benchmark_is_answered_with_the_known_ones(bare_terminal: Terminal) -> None:
    assert "mastery_validity" in bare_terminal("bench", "fly").sentence
