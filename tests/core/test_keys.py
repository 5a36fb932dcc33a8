import json
import stat
from pathlib import Path

import pytest

from core.encryption import ColumnKeys
from core.keys import KeyRing, ensure_keys, load_keys, new_signing_key

NO_COLUMNS = ColumnKeys(())


def test_the_key_file_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "keys.json"
    first, second = ensure_keys(path), ensure_keys(path)
    assert first == second == load_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_file_there_are_no_keys(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_keys(tmp_path / "keys.json")


def test_an_older_file_gets_what_it_lacks_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ensure_keys(path)
    content = json.loads(path.read_text())
    del content["column_keys"]
    path.write_text(json.dumps(content))
    assert ensure_keys(path).signing_keys == content["signing_keys"]
    assert len(load_keys(path).columns.keys) == 1


def test_the_file_holds_the_index_key_and_signing_keys_with_a_name(tmp_path: Path) -> None:
    ensure_keys(tmp_path / "keys.json")
    content = json.loads((tmp_path / "keys.json").read_text())
    assert set(content) == {"signing_keys", "column_keys", "index_key"}
    (key,) = content["signing_keys"]
    assert (key["crv"], key["use"]) == ("Ed25519", "sig")
    assert key["kid"]


@pytest.mark.parametrize("other", ["ADA@school.example", "  ada@school.example\n", "Ada@School.Example"])
def test_an_address_is_found_however_it_is_written(keys_of_ours: KeyRing, other: str) -> None:
    assert keys_of_ours.email_index(other) == keys_of_ours.email_index("ada@school.example")


def test_the_index_tells_nothing_without_its_key(keys_of_ours: KeyRing) -> None:
    theirs = KeyRing([new_signing_key()], b"another key, 32 bytes long ......", NO_COLUMNS)
    assert keys_of_ours.email_index("ada@school.example") != theirs.email_index("ada@school.example")
    assert len(keys_of_ours.email_index("ada@school.example")) == 32


def test_the_newest_key_signs_and_all_keys_verify() -> None:
    newest, older = new_signing_key(), new_signing_key()
    ring = KeyRing([newest, older], b"k" * 32, NO_COLUMNS)
    assert ring.signing_key.kid == newest["kid"]
    assert {key.kid for key in ring.verification_keys.keys} == {newest["kid"], older["kid"]}


@pytest.fixture
def keys_of_ours(tmp_path: Path) -> KeyRing:
    return ensure_keys(tmp_path / "keys.json")
