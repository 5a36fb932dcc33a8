"""Which installation a command speaks to."""

import os

import pytest

from core import config
from ops.commands.settings import STATE_DIRECTORY, current_settings, use_local_installation
from tests.ops.commands.conftest import Terminal


@pytest.fixture(autouse=True)
def _environment_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command takes from the local file must not stay for the next test."""
    for name in ("HOMEROOM_DATABASE_URL", "HOMEROOM_REDIS_URL"):
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)


@pytest.fixture
def local(bare_terminal: Terminal) -> Terminal:
    folder = bare_terminal.folder / ".homeroom"
    folder.mkdir()
    content = "HOMEROOM_DATABASE_URL=postgresql://local?a=b\nHOMEROOM_REDIS_URL=redis://local\n"
    (folder / "environment").write_text(content, encoding="utf-8")
    return bare_terminal


def test_a_local_up_is_found(local: Terminal) -> None:
    use_local_installation()
    assert os.environ["HOMEROOM_DATABASE_URL"] == "postgresql://local?a=b"


def test_the_environment_wins_over_a_local_up(local: Terminal) -> None:
    local.given(HOMEROOM_DATABASE_URL="postgresql://real")
    use_local_installation()
    assert os.environ["HOMEROOM_DATABASE_URL"] == "postgresql://real"
    assert os.environ["HOMEROOM_REDIS_URL"] == "redis://local"


def test_a_line_in_the_settings_file_wins_over_a_local_up(local: Terminal) -> None:
    (local.folder / ".env").write_text("HOMEROOM_DATABASE_URL=postgresql://real\n", encoding="utf-8")
    use_local_installation()
    config.get_settings.cache_clear()
    assert current_settings().database_url == "postgresql://real"


@pytest.mark.parametrize(
    ("name", "value"),
    [("HOMEROOM_DATABASE_POOL_SIZE", "many"), ("HOMEROOM_ACCESS_TOKEN_MINUTES", "0")],
)
def test_a_setting_that_cannot_be_read_is_named(bare_terminal: Terminal, name: str, value: str) -> None:
    bare_terminal.given(**{name: value})
    assert name in bare_terminal("migrate").sentence


def test_a_setting_that_is_no_json_is_named(bare_terminal: Terminal) -> None:
    bare_terminal.given(HOMEROOM_ALLOWED_ORIGINS="http://localhost")
    assert "allowed_origins" in bare_terminal("doctor").sentence


def test_the_state_folder_is_the_settings_own() -> None:
    assert config.STATE_DIRECTORY == STATE_DIRECTORY
