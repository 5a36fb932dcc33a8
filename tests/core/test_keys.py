import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.encryption import ColumnKeys, new_column_key
from core.keys import (
    KeyRing,
    dated,
    ensure_keys,
    load_keys,
    new_signing_key,
    read_key_file,
    ring_at,
    write_key_file,
)

NO_COLUMNS = ColumnKeys(())
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


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
    assert ensure_keys(path).signing_keys[0]["kid"] == content["signing_keys"][0]["kid"]
    assert len(load_keys(path).columns.keys) == 1


def test_the_file_holds_the_index_key_and_signing_keys_with_a_name(tmp_path: Path) -> None:
    ensure_keys(tmp_path / "keys.json")
    content = json.loads((tmp_path / "keys.json").read_text())
    assert set(content) == {"signing_keys", "column_keys", "index_key"}
    (key,) = content["signing_keys"]
    assert (key["crv"], key["use"]) == ("Ed25519", "sig")
    assert key["kid"]
    assert key["created_at"] == key["active_from"]


def test_a_key_without_a_date_comes_from_an_older_file_and_is_used() -> None:
    signing_key, column_key = new_signing_key(), new_column_key()
    content = {"signing_keys": [signing_key], "column_keys": [column_key], "index_key": ""}
    assert ring_at(content, NOW).signing_key.kid == signing_key["kid"]


def test_where_every_key_is_still_to_come_the_oldest_signs() -> None:
    newest, oldest = (
        dated(new_signing_key(), created_at=NOW, active_from=NOW + timedelta(minutes=minutes))
        for minutes in (2, 1)
    )
    content = {"signing_keys": [newest, oldest], "column_keys": [new_column_key()], "index_key": ""}
    assert ring_at(content, NOW).signing_key.kid == oldest["kid"]


def test_a_rewritten_file_stays_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ensure_keys(path)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    owner = path.stat().st_uid
    write_key_file(path, read_key_file(path))
    assert (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode)) == (owner, 0o600)


def test_what_others_may_see_of_a_key_has_no_private_part(keys_of_ours: KeyRing) -> None:
    (public,) = keys_of_ours.public_keys
    assert set(public) == {"kty", "crv", "x", "kid", "use", "alg"}


def test_keys_derived_for_two_purposes_differ(keys_of_ours: KeyRing) -> None:
    assert keys_of_ours.derived_key("device") != keys_of_ours.derived_key("refresh")


@pytest.mark.parametrize("other", ["ADA@school.example", "  ada@school.example\n", "Ada@School.Example"])
def test_an_address_is_found_however_it_is_written(keys_of_ours: KeyRing, other: str) -> None:
    assert keys_of_ours.email_index(other) == keys_of_ours.email_index("ada@school.example")


@pytest.mark.parametrize(
    "other", ["\u017fam", "\u212aam", "\uff53am"], ids=["long s", "kelvin", "full width"]
)
def test_no_letter_of_another_alphabet_becomes_one_of_ours(keys_of_ours: KeyRing, other: str) -> None:
    theirs = keys_of_ours.email_index(f"{other}@school.example")
    assert theirs not in {keys_of_ours.email_index(f"{own}@school.example") for own in ("sam", "kam")}


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
