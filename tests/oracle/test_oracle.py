"""Every mart, worked out a second time from the facts, for three random districts."""

from dataclasses import dataclass

import psycopg
import pytest

from tests.fixtures.schema import MigratedDatabase
from tests.oracle.comparison import differences
from tests.oracle.conftest import pipeline_into
from tests.oracle.facts import Facts, Rows, read_facts
from tests.oracle.making import make_random_world
from tests.oracle.oracle import COVERED, expected_marts
from tests.oracle.worlds import load
from warehouse.catalog import MARTS

_SHOWN = 5
_THRESHOLDS = {
    1: None,
    2: {"struggling_percent": 68, "struggling_probability": "0.7", "secure_percent": 72},
    3: {"struggling_percent": 55.5, "struggling_probability": None, "secure_percent": None},
}
"""What each district has decided for itself, by seed."""


@dataclass(frozen=True)
class Judged:
    """What is served of a district, and what the oracle says should be."""

    served: dict[str, Rows]
    expected: dict[str, Rows]


@pytest.fixture(scope="module", params=sorted(_THRESHOLDS), ids=lambda seed: f"seed-{seed}")
def judged(
    request: pytest.FixtureRequest,
    admin: psycopg.Connection,
    migrated: MigratedDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Judged:
    world, _ = make_random_world(request.param, settings=_THRESHOLDS[request.param])
    load(world, admin)
    facts: Facts = read_facts(admin, world.district_id)
    pipeline = pipeline_into(tmp_path_factory.mktemp("oracle"), admin, migrated)
    pipeline.run(world.district_id)
    return Judged(pipeline.served(world.district_id), expected_marts(facts))


@pytest.mark.parametrize("name", sorted(COVERED))
def test_the_oracle_says_the_same_as_the_mart(judged: Judged, name: str) -> None:
    found = differences(name, MARTS[name].sort_key, judged.served[name], judged.expected[name])
    assert judged.served[name]
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:_SHOWN])
