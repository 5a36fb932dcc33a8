"""New keys into the key file, old ones out of it: the file as data, changed in one step under a lock."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.encryption import new_column_key
from core.keys import (
    Entry,
    active_from,
    dated,
    in_use_first,
    new_signing_key,
    read_key_file,
    write_key_file,
)
from ops.stores.lock import exclusive

LEAD = timedelta(minutes=2)
"""From a key's publication to its first use: replicas look at the file every second, verifiers elsewhere keep our
public keys for a minute, and a secret mounted by an orchestrator arrives late."""

LEAD_ON_ONE_MACHINE = timedelta(seconds=5)

MARGIN = timedelta(minutes=5)
"""How long beyond its last use an old key stays: for clocks that differ and transactions under way."""


class Kind(StrEnum):
    """The lists of the key file, and what their keys are called by."""

    SIGNING = "signing_keys"
    COLUMN = "column_keys"

    @property
    def name_field(self) -> str:
        return "kid" if self is Kind.SIGNING else "id"

    @property
    def make(self) -> Callable[[], Entry]:
        return new_signing_key if self is Kind.SIGNING else new_column_key


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key as an operator sees it. `created_at` is None for a key of an older file."""

    kind: Kind
    name: str
    created_at: str | None
    active_from: datetime
    state: str
    """coming, in use, or old: an old key only verifies or decrypts."""


def rotate(path: Path, kinds: Collection[Kind], *, now: datetime, lead: timedelta) -> datetime:
    """Add a new key of each kind, to be used after `lead`; returns from when. Old ones stay."""
    begins = now + lead
    with _changing(path) as content:
        for kind in kinds:
            content[kind].insert(0, dated(kind.make(), created_at=now, active_from=begins))
    return begins


def prune(
    path: Path, *, now: datetime, token_life: timedelta, used: Collection[str] | None = None
) -> list[str]:
    """Drop what nobody needs any more; returns the names.

    Signing keys whose last token is dead, and column keys under which no value is: `used` names those under which
    one is; left out, all column keys stay.
    """
    with _changing(path) as content:
        droppable = [*_outlived(content[Kind.SIGNING], Kind.SIGNING, now, token_life + MARGIN)]
        if used is not None:
            older = _outlived(content[Kind.COLUMN], Kind.COLUMN, now, MARGIN)
            droppable += [name for name in older if name not in used]
        for kind in Kind:
            content[kind] = [one for one in content[kind] if one[kind.name_field] not in droppable]
    return droppable


def states(path: Path, now: datetime) -> list[KeyState]:
    """Return every key of the file, newest first."""
    content = read_key_file(path)
    return [state for kind in Kind for state in _states(content[kind], kind, now)]


def _states(entries: Sequence[Entry], kind: Kind, now: datetime) -> Iterator[KeyState]:
    in_use = in_use_first(entries, now)[0]
    label = "coming"
    for entry in entries:
        label = "in use" if entry is in_use else label
        yield KeyState(kind, entry[kind.name_field], entry.get("created_at"), active_from(entry), label)
        label = "old" if entry is in_use else label


def _outlived(entries: Sequence[Entry], kind: Kind, now: datetime, life: timedelta) -> list[str]:
    """Name the keys older than the one in use, once that has been in use for `life`."""
    in_use = in_use_first(entries, now)[0]
    if active_from(in_use) > now - life:
        return []
    older = entries[entries.index(in_use) + 1 :]
    return [entry[kind.name_field] for entry in older]


@contextmanager
def _changing(path: Path) -> Iterator[dict[str, Any]]:
    """Read the file, let the block change it, write it. Raises InUseError when somebody else is at it."""
    with exclusive(path.with_suffix(".lock")):
        content = read_key_file(path)
        before = {kind: list(content[kind]) for kind in Kind}
        yield content
        if any(content[kind] != before[kind] for kind in Kind):
            write_key_file(path, content)
