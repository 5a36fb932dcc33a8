"""The key file under a program that runs: a rotation reaches it without a restart.

The file is looked at once a second at most. One that is broken, half written or gone keeps the last good keys
in use: a program that has keys must not sign everybody out because somebody edits a file.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from joserfc.errors import JoseError

from core.keys import KeyRing, in_use_first, read_key_file, ring_at

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How late a program may notice a change of the file."""

_EVER = datetime.min.replace(tzinfo=UTC)

Mark = tuple[int, int, int]
"""What changes when a file does: time, place on the disk, size."""


class KeyFile:
    """One program's view of the key file: `ring(now)` is the newest good state of it."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Read the file. Raises OSError, KeyError or ValueError: no program starts without keys."""
        self._path = path
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._mark: Mark | None = _mark(path)
        try:
            self._content = _checked(path)
        except FileNotFoundError:
            logger.critical(
                "no_key_file", path=str(path), mend="homeroom keys create, or restore your backup"
            )
            raise
        self._rings: dict[tuple[str, str], KeyRing] = {}

    def ring(self, now: datetime) -> KeyRing:
        """Return the keys as they are used at `now`."""
        if self._monotonic() - self._looked_at >= LOOK_SECONDS:
            self._look()
        in_use = _names_in_use(self._content, now)
        ring = self._rings.get(in_use)
        if ring is None:
            ring = self._rings[in_use] = ring_at(self._content, now)
        return ring

    def _look(self) -> None:
        self._looked_at = self._monotonic()
        mark = _mark(self._path)
        if mark == self._mark:
            return
        self._mark = mark  # whatever is wrong with this state of the file is said once
        try:
            self._content = _checked(self._path)
        except (OSError, ValueError, KeyError, TypeError, IndexError, JoseError) as error:
            logger.exception("key_file_unreadable", error=type(error).__name__)
            return
        self._rings = {}
        logger.info("key_file_read", newest_signing_key=self._content["signing_keys"][0]["kid"])


def _checked(path: Path) -> dict[str, Any]:
    """Read the file and make every key of it once, so that a bad one is found here and not in a request."""
    content = read_key_file(path)
    ring = ring_at(content, _EVER)
    ring.verification_keys.keys  # noqa: B018 - made when looked at
    _names_in_use(content, _EVER)
    return content


def _mark(path: Path) -> Mark | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_ino, state.st_size


def _names_in_use(content: dict[str, Any], now: datetime) -> tuple[str, str]:
    signing_key, column_key = (
        in_use_first(content[kind], now)[0] for kind in ("signing_keys", "column_keys")
    )
    return signing_key["kid"], column_key["id"]
