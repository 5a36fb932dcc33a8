"""The key file from the command line."""

import stat

from core.keys import load_keys
from tests.ops.commands.conftest import Terminal


def test_a_key_file_is_made_for_its_owner_only(bare_terminal: Terminal) -> None:
    made = bare_terminal("keys", "create", "--json").data
    path = bare_terminal.folder / made["keys"]
    assert load_keys(path).signing_keys[0]["kid"] == made["signs_with"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_existing_key_file_is_never_replaced(bare_terminal: Terminal) -> None:
    path = bare_terminal.folder / bare_terminal("keys", "create", "--json").data["keys"]
    before = path.read_bytes()
    assert "already" in bare_terminal("keys", "create").sentence
    assert path.read_bytes() == before
