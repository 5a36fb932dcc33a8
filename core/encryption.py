"""Encrypted columns: AES-256-GCM, bound to their table, column and district.

A value is `key id (8 bytes) ‖ nonce (12) ‖ ciphertext and tag`. The key id lets old values stay readable while
a rotation re-encrypts them; the bound data makes a value useless anywhere but in its own place.
"""

import base64
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID_BYTES = 8
NONCE_BYTES = 12


class UndecipherableError(Exception):
    """The value was not written for this place, was damaged, or its key is gone."""


@dataclass(frozen=True)
class Place:
    """Where an encrypted value lives; part of what it is authenticated with."""

    table: str
    column: str
    district_id: UUID

    @property
    def bound_data(self) -> bytes:
        return f"{self.table}.{self.column}:{self.district_id}".encode()


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """A column whose values a rotation has to re-encrypt; its table has `district_id` and `id`."""

    table: str
    column: str

    def place(self, district_id: UUID) -> Place:
        return Place(self.table, self.column, district_id)

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


ENCRYPTED_COLUMNS = (
    EncryptedColumn("users", "birth_date_encrypted"),
    EncryptedColumn("consent_requests", "guardian_email_encrypted"),
    EncryptedColumn("outgoing_mails", "address_encrypted"),
    EncryptedColumn("outgoing_mails", "content_encrypted"),
    EncryptedColumn("ai_interactions", "request_encrypted"),
    EncryptedColumn("ai_interactions", "reply_encrypted"),
)
"""All there are: a test compares them with the tables. What is not listed is lost when its key is dropped."""


@dataclass(frozen=True)
class ColumnKeys:
    """Keys by id, newest first: the first one encrypts, all of them decrypt."""

    keys: tuple[tuple[bytes, bytes], ...]

    @classmethod
    def from_json(cls, entries: list[dict[str, Any]]) -> "ColumnKeys":
        return cls(tuple((bytes.fromhex(entry["id"]), base64.b64decode(entry["key"])) for entry in entries))

    @property
    def current_id(self) -> bytes:
        return self.keys[0][0]

    def encrypt(self, text: str, place: Place) -> bytes:
        """Return `text` encrypted with the newest key for this place."""
        key_id, key = self.keys[0]
        nonce = secrets.token_bytes(NONCE_BYTES)
        return key_id + nonce + AESGCM(key).encrypt(nonce, text.encode(), place.bound_data)

    def is_current(self, value: bytes) -> bool:
        """Whether a value is under the key that encrypts now."""
        return value[:KEY_ID_BYTES] == self.current_id

    def decrypt(self, value: bytes, place: Place) -> str:
        """Return the text of a value written for this place. Raises UndecipherableError."""
        key_id, rest = value[:KEY_ID_BYTES], value[KEY_ID_BYTES:]
        key = dict(self.keys).get(key_id)
        if key is None:
            raise UndecipherableError("no such key")
        try:
            return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place.bound_data).decode()
        except (InvalidTag, ValueError) as error:  # ValueError: cut so short that no nonce is left
            raise UndecipherableError("not written for this place, or damaged") from error


def new_column_key() -> dict[str, str]:
    """Return a fresh AES-256 key as it stands in the key file."""
    return {
        "id": secrets.token_hex(KEY_ID_BYTES),
        "key": base64.b64encode(AESGCM.generate_key(bit_length=256)).decode(),
    }
