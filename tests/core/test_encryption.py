"""An encrypted value opens in its own place, under a key we have, and nowhere else."""

import base64
from typing import Any

import pytest

from core.encryption import (
    ENCRYPTED_COLUMNS,
    KEY_ID_BYTES,
    NONCE_BYTES,
    ColumnKeys,
    EncryptedColumn,
    Place,
    UndecipherableError,
    new_column_key,
)
from core.ids import new_id
from core.models.base import Base

DISTRICT = new_id()
PLACE = Place("users", "birth_date_encrypted", DISTRICT)
NEWEST, OLDER = new_column_key(), new_column_key()
KEYS = ColumnKeys.from_json([NEWEST, OLDER])
OLD_KEYS = ColumnKeys.from_json([OLDER])


@pytest.mark.parametrize(
    "text", ["2014-02-28", "", "ÄÖ \N{SNOWMAN}", "x" * 10_000], ids=["date", "none", "signs", "long"]
)
def test_what_was_encrypted_can_be_read(text: str) -> None:
    assert KEYS.decrypt(KEYS.encrypt(text, PLACE), PLACE) == text


def test_the_newest_key_encrypts_and_older_ones_still_read() -> None:
    old = OLD_KEYS.encrypt("2014-02-28", PLACE)
    assert KEYS.decrypt(old, PLACE) == "2014-02-28"
    assert not KEYS.is_current(old)
    assert KEYS.is_current(KEYS.encrypt("2014-02-28", PLACE))


def test_the_same_text_never_looks_the_same() -> None:
    assert len({KEYS.encrypt("2014-02-28", PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("consent_requests", "birth_date_encrypted", DISTRICT),
        Place("users", "guardian_email_encrypted", DISTRICT),
        Place("users", "birth_date_encrypted", new_id()),
    ],
    ids=["another table", "another column", "another district"],
)
def test_a_value_moved_elsewhere_cannot_be_read(elsewhere: Place) -> None:
    with pytest.raises(UndecipherableError):
        KEYS.decrypt(KEYS.encrypt("2014-02-28", PLACE), elsewhere)


@pytest.mark.parametrize("position", [0, KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES, -1])
def test_one_damaged_byte_makes_a_value_unreadable(position: int) -> None:
    value = bytearray(KEYS.encrypt("2014-02-28", PLACE))
    value[position] ^= 1
    with pytest.raises(UndecipherableError):
        KEYS.decrypt(bytes(value), PLACE)


@pytest.mark.parametrize("length", [0, 4, KEY_ID_BYTES, KEY_ID_BYTES + 4, KEY_ID_BYTES + NONCE_BYTES + 5])
def test_a_value_cut_short_is_unreadable(length: int) -> None:
    with pytest.raises(UndecipherableError):
        KEYS.decrypt(KEYS.encrypt("2014-02-28", PLACE)[:length], PLACE)


def test_without_its_key_a_value_is_unreadable() -> None:
    stranger = ColumnKeys.from_json([new_column_key()])
    with pytest.raises(UndecipherableError):
        KEYS.decrypt(stranger.encrypt("2014-02-28", PLACE), PLACE)


def test_another_key_under_the_same_name_reads_nothing() -> None:
    impostor: dict[str, Any] = {**NEWEST, "key": base64.b64encode(bytes(32)).decode()}
    with pytest.raises(UndecipherableError):
        KEYS.decrypt(ColumnKeys.from_json([impostor]).encrypt("2014-02-28", PLACE), PLACE)


def test_every_encrypted_column_is_listed_for_rotation() -> None:
    in_tables = {
        EncryptedColumn(table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_encrypted")
    }
    assert set(ENCRYPTED_COLUMNS) == in_tables
