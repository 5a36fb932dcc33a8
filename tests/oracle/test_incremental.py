"""A thousand random changes in a few runs leave the same bytes as one rebuild, and what the oracle says."""

from pathlib import Path

import psycopg
import pytest

from tests.fixtures.schema import MigratedDatabase
from tests.oracle.comparison import differences
from tests.oracle.conftest import Pipeline, pipeline_into
from tests.oracle.facts import read_facts
from tests.oracle.making import SMALL, make_random_world
from tests.oracle.mutations import Mutator
from tests.oracle.oracle import expected_marts
from tests.oracle.worlds import load
from warehouse.catalog import MARTS

ROUNDS = 3
MUTATIONS = 1_000
_SEED = 4


@pytest.mark.usefixtures("_suites_are_tested_elsewhere")
def test_a_thousand_mutations_taken_in_by_runs_equal_a_full_rebuild_byte_for_byte(
    pipeline: Pipeline, admin: psycopg.Connection, migrated: MigratedDatabase, tmp_path: Path
) -> None:
    world, works = make_random_world(_SEED, size=SMALL)
    load(world, admin)
    pipeline.run(world.district_id)
    mutator = Mutator(world, works, admin)
    for number in range(ROUNDS):
        mutator.change(MUTATIONS * (number + 1) // ROUNDS - MUTATIONS * number // ROUNDS)
        facts = read_facts(admin, world.district_id)
        pipeline.run(world.district_id)
    assert sum(mutator.made.values()) == MUTATIONS
    kept = pipeline.digests(world.district_id)
    served, expected = pipeline.served(world.district_id), expected_marts(facts)
    for name, rows in expected.items():
        assert differences(name, MARTS[name].sort_key, served[name], rows) == []
    elsewhere = pipeline_into(tmp_path / "elsewhere", admin, migrated)
    elsewhere.run(world.district_id, anew=True)
    assert elsewhere.digests(world.district_id) == kept
