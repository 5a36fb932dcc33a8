"""From a demo to marts, verified, rebuilt and exported, by commands alone."""

import hashlib
from pathlib import Path

import pytest

from core.config import Settings
from core.ids import new_id
from core.keys import KeyRing
from core.tenancy import TenantId
from tests.factories.world import make_district_bench
from tests.fixtures.rows import open_rows
from tests.fixtures.schema import MigratedDatabase
from tests.fixtures.stores import settings_for
from tests.ops.commands.conftest import Terminal
from warehouse.folder import open_warehouse
from warehouse.manifest import served_manifest


@pytest.fixture
def own_terminal(
    bare_terminal: Terminal, scratch_database: MigratedDatabase, redis_url: str, keys_path: Path
) -> Terminal:
    """A terminal whose database is the test's own."""
    own = settings_for(scratch_database, redis_url, bare_terminal.folder)
    bare_terminal.installation(own.model_copy(update={"keys_path": keys_path}))
    return bare_terminal


@pytest.fixture
def keys_path(settings: Settings, keys: KeyRing) -> Path:
    return settings.keys_path


@pytest.fixture
def district(own_terminal: Terminal, scratch_database: MigratedDatabase) -> str:
    with open_rows(scratch_database) as rows:
        return str(make_district_bench(rows).district.district_id)


def test_a_demo_is_loaded_once(own_terminal: Terminal) -> None:
    size = ["--students", "40", "--weeks", "2"]
    loaded = own_terminal("demo", *size, "--json").data
    assert loaded["demo"].startswith("Loaded the demo")
    assert "nothing was changed" in own_terminal("demo", *size, "--json").data["demo"]


@pytest.mark.parametrize(
    "size", [["--students", "0"], ["--weeks", "0"], ["--weeks", "99"], ["--students", "x"]]
)
def test_an_impossible_demo_is_refused(own_terminal: Terminal, size: list[str]) -> None:
    assert own_terminal("demo", *size).sentence


def test_marts_are_made_verified_and_rebuilt_to_the_same_bytes(own_terminal: Terminal, district: str) -> None:
    assert own_terminal("pipelines", "run", "--json").data[district].startswith("served after")
    assert own_terminal("warehouse", "verify", "--json").data == {district: "whole"}
    first = _rebuilt(own_terminal, district)
    assert len(first) >= 6
    assert _rebuilt(own_terminal, district) == first
    bundle = next((own_terminal.folder / "warehouse").glob("district_id=*/exports"))
    assert own_terminal("export", "verify", str(bundle), "--json").data["problems"] == []
    _damage(next(bundle.rglob("*.parquet")))
    assert own_terminal("export", "verify", str(bundle)).code == 1


def _rebuilt(terminal: Terminal, district: str) -> set[tuple[str, str]]:
    """Rebuild, and return each served file's mart and digest."""
    assert terminal("warehouse", "rebuild", "--district", district).code == 0
    folder = open_warehouse(str(terminal.folder / "warehouse"), terminal.folder / "cache").district(
        TenantId.from_partition_key(district)
    )
    manifest = served_manifest(folder)
    return {
        (mart, hashlib.sha256((folder.local_root / file.path).read_bytes()).hexdigest())
        for mart, entry in manifest.marts.items()
        for file in entry.files
    }


def test_a_damaged_file_is_found(own_terminal: Terminal, district: str) -> None:
    assert own_terminal("pipelines", "run", "--district", district).code == 0
    _damage(next((own_terminal.folder / "warehouse").glob("district_id=*/answers/v=*/*.parquet")))
    outcome = own_terminal("warehouse", "verify", "--district", district, "--json")
    assert outcome.code == 1
    assert "answers" in outcome.out


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def test_a_district_without_marts_is_said_to_have_none(own_terminal: Terminal, district: str) -> None:
    outcome = own_terminal("warehouse", "verify", "--json")
    assert outcome.code == 1
    assert "nothing is served yet" in outcome.out


@pytest.mark.parametrize("command", [["pipelines", "run"], ["warehouse", "rebuild"], ["warehouse", "verify"]])
def test_what_is_no_district_is_refused(own_terminal: Terminal, command: list[str]) -> None:
    assert "is not the id of a district" in own_terminal(*command, "--district", "maple").sentence
    assert "there is no district" in own_terminal(*command, "--district", str(new_id())).sentence


def test_what_is_no_bundle_is_refused(own_terminal: Terminal) -> None:
    assert "is not a folder" in own_terminal("export", "verify", "nowhere").sentence
    (own_terminal.folder / "empty").mkdir()
    assert "is no export bundle" in own_terminal("export", "verify", "empty").sentence


def test_old_events_go_once_the_lake_has_them(own_terminal: Terminal, district: str) -> None:
    assert "0 would go" in own_terminal("events", "prune", "--dry-run", "--json").data[district]
    own_terminal("pipelines", "run", "--json")
    rehearsed = own_terminal("events", "prune", "--dry-run", "--json").data[district]
    assert rehearsed.endswith("0 kept that the lake does not have")
    assert "removed" in own_terminal("events", "prune", "--json").data[district]
