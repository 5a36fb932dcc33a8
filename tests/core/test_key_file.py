"""A key file that changes under a program that runs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from joserfc.errors import JoseError

from core.encryption import new_column_key
from core.key_file import LOOK_SECONDS, KeyFile
from core.keys import dated, ensure_keys, new_signing_key, read_key_file, write_key_file

NOW = datetime.now(UTC) + timedelta(hours=1)


class Stopwatch:
    """The monotonic clock of a test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ensure_keys(tmp_path / "keys.json")
    return tmp_path / "keys.json"


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def key_file(path: Path, stopwatch: Stopwatch) -> KeyFile:
    return KeyFile(path, stopwatch)


def put_first(path: Path, kind: str, entry: dict[str, Any], active_from: datetime) -> None:
    content = read_key_file(path)
    content[kind].insert(0, dated(entry, created_at=NOW, active_from=active_from))
    write_key_file(path, content)


def test_a_changed_file_is_noticed_within_a_second(
    path: Path, key_file: KeyFile, stopwatch: Stopwatch
) -> None:
    before = key_file.ring(NOW)
    entry = new_signing_key()
    put_first(path, "signing_keys", entry, NOW)
    assert key_file.ring(NOW) is before
    stopwatch.seconds += LOOK_SECONDS
    assert key_file.ring(NOW).signing_key.kid == entry["kid"]


def test_a_file_that_did_not_change_is_not_read_again(key_file: KeyFile, stopwatch: Stopwatch) -> None:
    before = key_file.ring(NOW)
    stopwatch.seconds += LOOK_SECONDS
    assert key_file.ring(NOW) is before


def test_a_new_signing_key_verifies_before_it_signs(
    path: Path, key_file: KeyFile, stopwatch: Stopwatch
) -> None:
    older = key_file.ring(NOW).signing_key.kid
    entry = new_signing_key()
    put_first(path, "signing_keys", entry, NOW + timedelta(minutes=2))
    stopwatch.seconds += LOOK_SECONDS
    early = key_file.ring(NOW + timedelta(seconds=119))
    assert early.signing_key.kid == older
    assert {key.kid for key in early.verification_keys.keys} == {older, entry["kid"]}
    assert key_file.ring(NOW + timedelta(seconds=120)).signing_key.kid == entry["kid"]


def test_a_new_column_key_decrypts_before_it_encrypts(
    path: Path, key_file: KeyFile, stopwatch: Stopwatch
) -> None:
    older = key_file.ring(NOW).columns.current_id
    entry = new_column_key()
    put_first(path, "column_keys", entry, NOW + timedelta(minutes=2))
    stopwatch.seconds += LOOK_SECONDS
    early = key_file.ring(NOW)
    assert early.columns.current_id == older
    assert bytes.fromhex(entry["id"]) in dict(early.columns.keys)
    assert key_file.ring(NOW + timedelta(minutes=2)).columns.current_id == bytes.fromhex(entry["id"])


BROKEN = {
    "empty": "",
    "half of it": '{"signing_keys": [{"kty": "OK',
    "a list": "[]",
    "without column keys": json.dumps({"signing_keys": [new_signing_key()], "index_key": ""}),
    "without a signing key": json.dumps(
        {"signing_keys": [], "column_keys": [new_column_key()], "index_key": ""}
    ),
    "a signing key that is none": json.dumps(
        {"signing_keys": [{"kty": "OKP", "kid": "x"}], "column_keys": [new_column_key()], "index_key": ""}
    ),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_keeps_the_last_good_keys_and_is_logged_once(
    path: Path, key_file: KeyFile, stopwatch: Stopwatch, text: str
) -> None:
    before = key_file.ring(NOW)
    path.write_text(text)
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            stopwatch.seconds += LOOK_SECONDS
            assert key_file.ring(NOW) is before
    assert [line["event"] for line in logs] == ["key_file_unreadable"]


def test_a_file_that_vanished_keeps_the_last_good_keys(
    path: Path, key_file: KeyFile, stopwatch: Stopwatch
) -> None:
    before = key_file.ring(NOW)
    content = path.read_text()
    path.unlink()
    stopwatch.seconds += LOOK_SECONDS
    assert key_file.ring(NOW) is before
    path.write_text(content)
    stopwatch.seconds += LOOK_SECONDS
    assert key_file.ring(NOW) == before


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_no_program_starts_on_a_broken_file(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises((ValueError, KeyError, TypeError, IndexError, JoseError)):
        KeyFile(path)


def test_no_program_starts_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        KeyFile(tmp_path / "keys.json")
