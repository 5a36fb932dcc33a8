"""Class codes: read aloud in a classroom, so without letters that look alike, and long enough not to be guessed."""

import hashlib
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 signs: without 0/O, 1/I/L."""
LENGTH = 9
"""log2(31^9) = 44.6 bits; a guesser with 100,000 tries finds none."""


def new_class_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def class_code_digest(code: str) -> bytes:
    """What is stored of a code for look-up: SHA-256 of its upper-case form."""
    return hashlib.sha256(code.strip().upper().encode()).digest()
