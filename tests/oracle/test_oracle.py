"""Every mart, worked out a second time from the facts, for three random districts."""

import psycopg
import pytest

from tests.oracle.comparison import differences, unreached_words
from tests.oracle.conftest import Pipeline
from tests.oracle.facts import read_facts
from tests.oracle.making import FULL, make_random_world
from tests.oracle.oracle import expected_marts
from tests.oracle.worlds import load
from warehouse.catalog import MARTS

_SHOWN = 5
_THRESHOLDS = {
    1: None,
    2: {"struggling_percent": 68, "struggling_probability": "0.7", "secure_percent": 72},
    3: {"struggling_percent": 55.5, "struggling_probability": None, "secure_percent": None},
}
"""What each district has decided for itself, by seed."""


@pytest.mark.parametrize("seed", sorted(_THRESHOLDS))
def test_the_oracle_says_the_same_as_every_mart(
    seed: int, pipeline: Pipeline, admin: psycopg.Connection
) -> None:
    world, _ = make_random_world(seed, settings=_THRESHOLDS[seed])
    load(world, admin)
    facts = read_facts(admin, world.district_id)
    pipeline.run(world.district_id)
    served, expected = pipeline.served(world.district_id), expected_marts(facts)
    assert [words for name, mart in MARTS.items() for words in unreached_words(mart, served[name])] == []
    assert all(served.values())
    assert len(facts["interaction_events"]) == FULL.events
    found = {
        name: differences(name, MARTS[name].sort_key, served[name], rows) for name, rows in expected.items()
    }
    words = [f"{len(each)} in {name}:\n" + "\n".join(each[:_SHOWN]) for name, each in found.items() if each]
    assert not words, "\n".join(words)
