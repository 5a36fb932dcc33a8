"""Devices that signed in before: a note, signed by us, that the owner of an account used this one.

It opens nothing. It says that whoever types a wrong password here is not the stranger who types them elsewhere, so
that guessing from afar never locks the owner out (`api.auth.guessing`).
"""

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from core.keys import KeyRing

DEVICE_DAYS = 400
"""As long as browsers keep a cookie."""

COOKIE = "homeroom_device"
"""For browsers; apps send what they were given as `device_token`."""

_ID_BYTES = 16


def issue_device_token(keys: KeyRing, email_index: bytes, now: datetime) -> str:
    """Return the token of a device that has just signed in to the account of this address."""
    device_id, issued = secrets.token_hex(_ID_BYTES), f"{int(now.timestamp())}"
    return ".".join([device_id, issued, _signature(keys, email_index, f"{device_id}.{issued}")])


def known_device(keys: KeyRing, email_index: bytes, token: str | None, now: datetime) -> str | None:
    """Return the id of the device when it signed in to this very account before, else None."""
    claim, _, signature = (token or "").rpartition(".")
    device_id, _, issued = claim.partition(".")
    genuine = _signature(keys, email_index, claim)
    if not hmac.compare_digest(signature.encode(), genuine.encode()):
        return None
    age = now.timestamp() - int(issued)
    return device_id if age <= timedelta(days=DEVICE_DAYS).total_seconds() else None


def _signature(keys: KeyRing, email_index: bytes, claim: str) -> str:
    digest = hmac.digest(keys.derived_key("device"), email_index + claim.encode(), sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
