import polars as pl
import psycopg
import pytest

from pipelines.answers.assets import answers
from pipelines.exports.assets import district_export
from pipelines.exports.decisions import pseudonyms_of, small_cell_minimum_of
from pipelines.publication.assets import served_marts
from pipelines.resources import PostgresResource
from tests.factories.world import DistrictBench
from tests.pipelines.conftest import Caller
from warehouse.bundle import verify_bundle


@pytest.fixture
def exported(call: Caller) -> Caller:
    call(answers)
    call(served_marts)
    call(district_export)
    return call


def test_the_district_receives_two_bundles_that_verify(exported: Caller) -> None:
    root = exported.folder.local_root
    assert verify_bundle(root / "exports").problems == ()
    assert verify_bundle(root / "exports").rows == {"answers": 4}
    assert verify_bundle(root / "exports-aggregate").problems == ()


def test_no_students_id_is_anywhere_in_the_bundle(exported: Caller, bench: DistrictBench) -> None:
    frame = pl.read_parquet(exported.folder.local_root / "exports" / "answers")
    text = frame.write_json()
    assert not [user.id for user in bench.users if str(user.id) in text]
    assert all(len(key) == 32 for key in frame["student_key"])


def test_the_secret_is_made_once_and_another_district_has_another(
    exported: Caller, postgres: PostgresResource, admin: psycopg.Connection
) -> None:
    first = pseudonyms_of(postgres, exported.tenant)
    assert pseudonyms_of(postgres, exported.tenant) == first
    (stored,) = admin.execute(
        "SELECT secret FROM app.export_keys WHERE district_id = %s", [exported.tenant.value]
    ).fetchone() or (b"",)
    assert bytes(stored) == first.secret
    assert len(first.secret) == 32


def test_the_district_decides_how_small_a_group_may_be(
    call: Caller, postgres: PostgresResource, admin: psycopg.Connection
) -> None:
    assert small_cell_minimum_of(postgres, call.tenant) == 10
    admin.execute(
        "UPDATE app.district_settings SET small_cell_minimum = 15 WHERE district_id = %s",
        [call.tenant.value],
    )
    assert small_cell_minimum_of(postgres, call.tenant) == 15
