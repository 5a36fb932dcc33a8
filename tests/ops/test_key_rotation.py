"""New keys in, old keys out, and never a moment in which a living token or value has no key."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.keys import KeyRing, ensure_keys, read_key_file, ring_at
from ops.key_rotation import LEAD, MARGIN, Kind, prune, rotate, states
from ops.stores.lock import InUseError, exclusive

LIFE = timedelta(minutes=10)
BOTH = list(Kind)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ensure_keys(tmp_path / "keys.json")
    return tmp_path / "keys.json"


@pytest.fixture
def now(path: Path) -> datetime:
    del path  # made first: its keys are in use by now
    return datetime.now(UTC)


def ring(path: Path, now: datetime) -> KeyRing:
    return ring_at(read_key_file(path), now)


def test_a_new_key_is_known_before_it_is_used(path: Path, now: datetime) -> None:
    before = ring(path, now)
    begins = rotate(path, BOTH, now=now, lead=LEAD)
    early, late = ring(path, begins - timedelta(seconds=1)), ring(path, begins)
    assert early.signing_key.kid == before.signing_key.kid
    assert early.columns.current_id == before.columns.current_id
    assert late.signing_key.kid != before.signing_key.kid
    assert late.columns.current_id != before.columns.current_id
    assert {key.kid for key in early.verification_keys.keys} == {
        key.kid for key in late.verification_keys.keys
    }


@pytest.mark.parametrize("kind", BOTH, ids=str)
def test_one_kind_can_be_rotated_alone(path: Path, now: datetime, kind: Kind) -> None:
    rotate(path, [kind], now=now, lead=LEAD)
    content = read_key_file(path)
    assert {one: len(content[one]) for one in Kind} == {one: 2 if one is kind else 1 for one in Kind}


def test_the_key_of_addresses_never_changes(path: Path, now: datetime) -> None:
    before = ring(path, now).index_key
    rotate(path, BOTH, now=now, lead=LEAD)
    prune(path, now=now + timedelta(days=1), token_life=LIFE, used=[])
    assert ring(path, now).index_key == before


def test_an_old_signing_key_goes_when_its_last_token_is_dead(path: Path, now: datetime) -> None:
    old = ring(path, now).signing_key.kid
    last_token = rotate(path, [Kind.SIGNING], now=now, lead=LEAD) + LIFE
    assert prune(path, now=last_token, token_life=LIFE) == []
    assert prune(path, now=last_token + MARGIN, token_life=LIFE) == [old]
    assert len(ring(path, last_token).signing_keys) == 1


def test_a_key_that_is_still_to_come_lets_none_go(path: Path, now: datetime) -> None:
    first = rotate(path, [Kind.SIGNING], now=now, lead=LEAD) + LIFE + MARGIN
    rotate(path, [Kind.SIGNING], now=first, lead=LEAD)
    (dropped,) = prune(path, now=first, token_life=LIFE)
    assert dropped not in {key["kid"] for key in ring(path, first).signing_keys}
    assert len(ring(path, first).signing_keys) == 2


def test_a_column_key_stays_while_a_value_is_under_it(path: Path, now: datetime) -> None:
    old = ring(path, now).columns.current_id.hex()
    later = rotate(path, [Kind.COLUMN], now=now, lead=LEAD) + MARGIN
    assert prune(path, now=later, token_life=LIFE) == []
    assert prune(path, now=later, token_life=LIFE, used=[old]) == []
    assert prune(path, now=later - timedelta(seconds=1), token_life=LIFE, used=[]) == []
    assert prune(path, now=later, token_life=LIFE, used=[]) == [old]


def test_the_key_in_use_is_never_dropped(path: Path, now: datetime) -> None:
    assert prune(path, now=now + timedelta(days=999), token_life=LIFE, used=[]) == []


def test_nothing_dropped_leaves_the_file_alone(path: Path, now: datetime) -> None:
    before = path.stat()
    prune(path, now=now, token_life=LIFE, used=[])
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_two_rotations_at_once_are_one_after_the_other(path: Path, now: datetime) -> None:
    before = path.read_bytes()
    with exclusive(path.with_suffix(".lock")), pytest.raises(InUseError):
        rotate(path, BOTH, now=now, lead=LEAD)
    assert path.read_bytes() == before


def test_the_states_of_keys_are_told(path: Path, now: datetime) -> None:
    begins = rotate(path, [Kind.SIGNING], now=now, lead=LEAD)
    assert [one.state for one in states(path, now)] == ["coming", "in use", "in use"]
    assert [one.state for one in states(path, begins)] == ["in use", "old", "in use"]
