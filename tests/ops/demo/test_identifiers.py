from datetime import UTC, datetime
from uuid import UUID, uuid1

import numpy as np

from core.ids import time_of_id
from ops.demo.identifiers import uuid7_strings


def test_ids_are_version_7_and_carry_the_simulated_millisecond() -> None:
    moments = np.array([0, 1, 1_784_484_000_123, 2**48 - 1], dtype=np.int64)
    ids = [UUID(text) for text in uuid7_strings(moments, np.random.default_rng(1))]
    assert [identifier.version for identifier in ids] == [7] * 4
    assert {identifier.variant for identifier in ids} == {uuid1().variant}
    assert [identifier.int >> 80 for identifier in ids] == moments.tolist()
    assert time_of_id(ids[2]) == datetime.fromtimestamp(1_784_484_000.123, tz=UTC)


def test_ids_of_one_millisecond_differ() -> None:
    ids = uuid7_strings(np.zeros(50_000, dtype=np.int64), np.random.default_rng(1))
    assert ids.n_unique() == 50_000


def test_no_moments_give_no_ids() -> None:
    assert uuid7_strings(np.zeros(0, dtype=np.int64), np.random.default_rng(1)).to_list() == []
