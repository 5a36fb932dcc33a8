"""The key file: Ed25519 signing keys by `kid`, keys of encrypted columns, and the key of the e-mail index.

One JSON file, kept secret and backed up: losing the index key makes every sign-in address unfindable.
"""

import base64
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet, OKPKey

from core.encryption import ColumnKeys, new_column_key

INDEX_KEY_BYTES = 32


@dataclass(frozen=True)
class KeyRing:
    """Signing and column keys, newest first: the first one signs or encrypts, all of them verify or decrypt."""

    signing_keys: list[dict[str, Any]]
    index_key: bytes
    columns: ColumnKeys

    @cached_property
    def signing_key(self) -> OKPKey:
        return OKPKey.import_key(self.signing_keys[0])

    @cached_property
    def verification_keys(self) -> KeySet:
        return KeySet([OKPKey.import_key(key) for key in self.signing_keys])

    def email_index(self, email: str) -> bytes:
        """Return the blind index of an address: HMAC-SHA-256 of its normalised form, 32 bytes."""
        return hmac.digest(self.index_key, email.strip().casefold().encode(), sha256)


def load_keys(path: Path) -> KeyRing:
    """Read the key file. Raises FileNotFoundError when there is none: `homeroom doctor` says how to make it."""
    content = json.loads(path.read_text())
    return KeyRing(
        content["signing_keys"],
        base64.b64decode(content["index_key"]),
        ColumnKeys.from_json(content["column_keys"]),
    )


def ensure_keys(path: Path) -> KeyRing:
    """Create the key file if there is none (readable by the owner only), add what an older one lacks, read it."""
    if path.exists():
        _complete(path)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "signing_keys": [new_signing_key()],
            "column_keys": [new_column_key()],
            "index_key": base64.b64encode(secrets.token_bytes(INDEX_KEY_BYTES)).decode(),
        }
        write_key_file(path, content)
    return load_keys(path)


def write_key_file(path: Path, content: dict[str, Any]) -> None:
    """Replace the key file in one step, readable by its owner only: half a key file would lock everybody out."""
    scratch = path.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _complete(path: Path) -> None:
    content = json.loads(path.read_text())
    if "column_keys" not in content:
        write_key_file(path, {**content, "column_keys": [new_column_key()]})


def new_signing_key() -> dict[str, Any]:
    """Return a fresh private Ed25519 key as a JWK with a random `kid`."""
    key = OKPKey.generate_key("Ed25519", parameters={"kid": secrets.token_hex(8), "use": "sig"}, private=True)
    return dict(key.as_dict(private=True))
