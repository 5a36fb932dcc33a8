import pytest

from pipelines.answers.assets import answers
from pipelines.events.assets import LakeConfig, events
from pipelines.exports.assets import district_export
from pipelines.failures import PermanentFailure
from pipelines.publication.assets import served_marts
from tests.pipelines.conftest import RUN_ID, Caller
from warehouse.bundle import verify_bundle
from warehouse.manifest import read_manifest, served_manifest


def test_nothing_is_served_before_the_swap_and_everything_staged_after_it(call: Caller) -> None:
    call(events, config=LakeConfig())
    call(answers)
    assert read_manifest(call.folder) is None
    call(served_marts)
    manifest = served_manifest(call.folder)
    assert manifest.run_id == RUN_ID
    assert {name: entry.version for name, entry in manifest.marts.items()} == {
        "answers": RUN_ID,
        "events": RUN_ID,
    }


def test_a_swap_without_anything_written_is_an_error_that_says_so(call: Caller) -> None:
    with pytest.raises(PermanentFailure, match="has written no mart"):
        call(served_marts)


def test_the_export_of_a_publication_verifies_and_counts_the_same(call: Caller) -> None:
    call(answers)
    call(served_marts)
    result = call(district_export)
    report = verify_bundle(call.folder.local_root / "exports")
    assert report.problems == ()
    assert sum(report.rows.values()) == result.metadata["dagster/row_count"] == 4
