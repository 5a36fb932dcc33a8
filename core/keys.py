"""The key file: Ed25519 signing keys by `kid`, keys of encrypted columns, and the key of the e-mail index.

One JSON file, kept secret and backed up: losing the index key makes every sign-in address unfindable.

Every signing and column key has a moment from which it is used (`active_from`). A rotation writes a key some
minutes ahead, so that every replica knows it before the first token or value made with it arrives.
"""

import base64
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet, OKPKey

from core.encryption import ColumnKeys, new_column_key

INDEX_KEY_BYTES = 32
DATES = ("created_at", "active_from")
"""What stands in the file beside a key, and is no part of it."""

Entry = dict[str, Any]


@dataclass(frozen=True)
class KeyRing:
    """Signing and column keys; the first of each signs or encrypts, all of them verify or decrypt."""

    signing_keys: list[dict[str, Any]]
    index_key: bytes
    columns: ColumnKeys

    @cached_property
    def signing_key(self) -> OKPKey:
        return OKPKey.import_key(self.signing_keys[0])

    @cached_property
    def verification_keys(self) -> KeySet:
        return KeySet([OKPKey.import_key(key) for key in self.signing_keys])

    @cached_property
    def public_keys(self) -> list[dict[str, Any]]:
        """The verification keys as others may see them (RFC 7517), without their private parts."""
        return [dict(key.as_dict(private=False, alg="EdDSA")) for key in self.verification_keys.keys]

    def email_index(self, email: str) -> bytes:
        """Return the blind index of an address: HMAC-SHA-256 of its normalised form, 32 bytes.

        Only A-Z are written small: letters of other alphabets would become those of another person's address.
        """
        return hmac.digest(self.index_key, email.strip().encode().lower(), sha256)

    def derived_key(self, purpose: str) -> bytes:
        """Return a key for one more purpose, 32 bytes; it changes with the index key, which never does."""
        return hmac.digest(self.index_key, f"homeroom:{purpose}".encode(), sha256)


def ring_at(content: dict[str, Any], now: datetime) -> KeyRing:
    """Return the keys of a file's content as they are used at `now`. Raises KeyError or ValueError."""
    signing_keys = [
        {name: value for name, value in entry.items() if name not in DATES}
        for entry in in_use_first(content["signing_keys"], now)
    ]
    return KeyRing(
        signing_keys,
        base64.b64decode(content["index_key"]),
        ColumnKeys.from_json(in_use_first(content["column_keys"], now)),
    )


def in_use_first(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """Put the newest key that may be used at `now` first; a file lists its keys newest first.

    Where all of them are still to come, the oldest is used: somebody must sign.
    """
    in_use = next((entry for entry in entries if active_from(entry) <= now), entries[-1])
    return [in_use, *(entry for entry in entries if entry is not in_use)]


def active_from(entry: Entry) -> datetime:
    """Return when a key may be used; one without a date comes from an older file and always may."""
    written = entry.get("active_from")
    return datetime.min.replace(tzinfo=UTC) if written is None else datetime.fromisoformat(written)


def dated(entry: Entry, *, created_at: datetime, active_from: datetime) -> Entry:
    """Return a new key as it stands in the file."""
    return {**entry, "created_at": created_at.isoformat(), "active_from": active_from.isoformat()}


def load_keys(path: Path) -> KeyRing:
    """Read the keys that are used now. Raises FileNotFoundError: `homeroom doctor` says how to make the file.

    For commands; programs that run for long hold a `core.key_file.KeyFile`.
    """
    return ring_at(read_key_file(path), datetime.now(UTC))


def read_key_file(path: Path) -> dict[str, Any]:
    """Return the content of the key file. Raises FileNotFoundError, or ValueError when it is no JSON object."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise TypeError("a key file is a JSON object")
    return content


def ensure_keys(path: Path) -> KeyRing:
    """Create the key file if there is none (readable by the owner only), add what an older one lacks, read it."""
    if path.exists():
        _complete(path)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "signing_keys": [_first(new_signing_key())],
            "column_keys": [_first(new_column_key())],
            "index_key": base64.b64encode(secrets.token_bytes(INDEX_KEY_BYTES)).decode(),
        }
        write_key_file(path, content)
    return load_keys(path)


def write_key_file(path: Path, content: dict[str, Any]) -> None:
    """Replace the key file in one step, readable by its owner only: half a key file would lock everybody out.

    It stays the owner's who had it: an operator who rotates as root must not lock the programs out either.
    """
    scratch = path.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if path.exists():
            before = path.stat()
            os.fchown(descriptor, before.st_uid, before.st_gid)
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _complete(path: Path) -> None:
    content = read_key_file(path)
    if "column_keys" not in content:
        write_key_file(path, {**content, "column_keys": [_first(new_column_key())]})


def _first(entry: Entry) -> Entry:
    """The only key of its kind is used from the beginning."""
    now = datetime.now(UTC)
    return dated(entry, created_at=now, active_from=now)


def new_signing_key() -> dict[str, Any]:
    """Return a fresh private Ed25519 key as a JWK with a random `kid`."""
    key = OKPKey.generate_key("Ed25519", parameters={"kid": secrets.token_hex(8), "use": "sig"}, private=True)
    return dict(key.as_dict(private=True))
