"""The whole group, materialised as the daemon does it: events to export, checks included."""

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import psycopg
import pytest
from dagster import AddDynamicPartitionsRequest, DagsterInstance, build_sensor_context
from sqlalchemy.orm import Session

from core.tenancy import TenantId
from pipelines import runner
from pipelines.districts.partitions import DISTRICTS
from pipelines.districts.sensors import (
    districts_follow_the_directory,
    has_newer_facts,
    marts_follow_the_facts,
    serves_current_schemas,
)
from pipelines.resources import PostgresResource, take_district_lock
from pipelines.runner import DistrictRun, rebuild, run_districts
from tests.factories.interaction_event import make_interaction_event
from tests.factories.world import DistrictBench, make_district_bench
from tests.pipelines.conftest import Caller, settle
from warehouse.bundle import read_bundle, verify_bundle
from warehouse.catalog import MARTS
from warehouse.exports import Profile
from warehouse.folder import DistrictFolder
from warehouse.manifest import served_manifest


class Runner:
    """Runs the bench's district in the test's own Dagster installation."""

    def __init__(self, call: Caller, instance: DagsterInstance) -> None:
        self.call = call
        self.instance = instance
        self.folder = call.folder

    def __call__(self, entry: Callable[..., list[DistrictRun]] = run_districts) -> DistrictRun:
        (outcome,) = self.districts(str(self.call.tenant), entry=entry)
        return outcome

    def districts(
        self, *district_ids: str, entry: Callable[..., list[DistrictRun]] = run_districts
    ) -> list[DistrictRun]:
        settle(self.call.admin)
        return entry(district_ids, **self.call.resources)

    def reasons(self) -> list[tuple[str | None, str]]:
        """What the sensor asks for right now."""
        settle(self.call.admin)
        with build_sensor_context(instance=self.instance, resources=self.call.resources) as context:
            found = marts_follow_the_facts(context)
            return [(request.partition_key, request.tags["homeroom/reason"]) for request in found]

    def partitions(self) -> set[str]:
        """What the partitions are after a tick of their sensor."""
        resources = {"postgres": self.call.resources["postgres"]}
        with build_sensor_context(instance=self.instance, resources=resources) as context:
            result = districts_follow_the_directory(context)
        for request in result.dynamic_partitions_requests:
            if isinstance(request, AddDynamicPartitionsRequest):
                self.instance.add_dynamic_partitions(str(DISTRICTS.name), request.partition_keys)
            else:
                for key in request.partition_keys:
                    self.instance.delete_dynamic_partition(str(DISTRICTS.name), key)
        return set(self.instance.get_dynamic_partitions(str(DISTRICTS.name)))


@pytest.fixture
def run(call: Caller, instance: DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(runner, "_instance", lambda: nullcontext(instance))
    return Runner(call, instance)


def _digests(folder: DistrictFolder) -> dict[str, str]:
    files = [file.path for entry in served_manifest(folder).marts.values() for file in entry.files]
    return {
        "/".join(part for part in path.split("/") if not part.startswith("v=")): hashlib.sha256(
            (folder.local_root / path).read_bytes()
        ).hexdigest()
        for path in files
    }


def test_one_run_serves_every_mart_and_exports_a_bundle_that_verifies(
    run: Runner, folder: DistrictFolder
) -> None:
    outcome = run()
    assert outcome.problems == ()
    manifest = served_manifest(folder)
    assert set(manifest.marts) == set(MARTS)
    assert {entry.version for entry in manifest.marts.values()} == {outcome.run_id}
    report = verify_bundle(folder.local_root / "exports")
    assert (report.problems, report.rows["answers"], report.rows["events"]) == ((), 4, 2)


def test_a_second_run_and_two_rebuilds_write_the_same_bytes(run: Runner, folder: DistrictFolder) -> None:
    found = []
    for entry in (run_districts, run_districts, rebuild, rebuild):
        assert run(entry).problems == ()
        found.append(_digests(folder))
    assert found[1:] == found[:-1]


def test_a_failed_check_keeps_the_last_good_marts_in_service(
    run: Runner, folder: DistrictFolder, admin: psycopg.Connection, bench: DistrictBench
) -> None:
    good = run()
    admin.execute("UPDATE app.grades SET score = score + 1 WHERE district_id = %s", [folder.tenant.value])
    bad = run()
    (problem,) = bad.problems
    assert problem.startswith("grades_recompute failed on gradebook")
    assert served_manifest(folder).run_id == good.run_id
    bundle = read_bundle(folder, Profile.RECORD)
    assert bundle is not None
    assert bundle.run_id == good.run_id


def test_one_districts_trouble_does_not_stop_the_next(run: Runner, rows: Session) -> None:
    run()
    other = str(make_district_bench(rows).district.district_id)
    (run.folder.local_root / "manifest.json").write_text("damaged")
    outcomes = run.districts(str(run.call.tenant), other)
    assert [outcome.succeeded for outcome in outcomes] == [False, True]
    assert "the manifest is damaged" in outcomes[0].problems[0]


def test_each_finished_district_is_told_at_once(run: Runner) -> None:
    seen: list[DistrictRun] = []
    district = str(run.call.tenant)
    assert run_districts([district], **run.call.resources, on_district=seen.append) == seen


def test_two_runs_of_one_district_never_work_together(
    run: Runner, postgres: PostgresResource, tenant: TenantId
) -> None:
    impatient = PostgresResource(url=f"{postgres.url}?options=-c%20lock_timeout%3D100ms")
    with postgres._connect(autocommit=True) as other_run:
        take_district_lock(other_run, tenant)
        (outcome,) = run_districts(
            [str(tenant)], postgres=impatient, warehouse=run.call.resources["warehouse"]
        )
    (problem,) = outcome.problems
    assert "another run is working on this district" in problem
    assert run.folder.paths("events") == []


def test_nothing_of_a_neighbour_enters_any_file(run: Runner, rows: Session, folder: DistrictFolder) -> None:
    foreign = make_district_bench(rows)
    run()
    files = [path.read_bytes() for path in folder.local_root.rglob("*") if path.is_file()]
    for canary in (foreign.district.district_id, foreign.schools[0].student.id, foreign.concept.id):
        assert not any(str(canary).encode() in content for content in files)


def test_the_sensor_asks_for_a_run_until_there_is_nothing_newer(
    run: Runner, bench: DistrictBench, rows: Session, admin: psycopg.Connection
) -> None:
    district = str(bench.district.district_id)
    assert run.reasons() == [(district, "nothing is served yet")]
    run()
    assert run.reasons() == []
    make_interaction_event(rows, bench.schools[0].submission)
    assert run.reasons() == [(district, "there are newer events or answers")]
    run()
    assert run.reasons() == []
    admin.execute("UPDATE app.student_answers SET updated_at = now() WHERE district_id = %s", [district])
    assert run.reasons() == [(district, "there are newer events or answers")]


def test_a_district_whose_run_failed_waits_before_the_next_try(run: Runner) -> None:
    run()
    (run.folder.local_root / "manifest.json").unlink()
    assert [reason for _, reason in run.reasons()] == ["nothing is served yet"]
    (run.folder.local_root / "manifest.json").write_text("damaged")
    assert not run().succeeded
    (run.folder.local_root / "manifest.json").unlink()
    assert run.reasons() == []


def test_a_damaged_manifest_silences_its_own_district_only(run: Runner, rows: Session) -> None:
    other = str(make_district_bench(rows).district.district_id)
    run.instance.add_dynamic_partitions(str(DISTRICTS.name), [other])
    run.folder.put_text("manifest.json", "damaged")
    assert run.reasons() == [(other, "nothing is served yet")]


def test_a_publication_without_events_or_answers_counts_as_behind(
    run: Runner, postgres: PostgresResource
) -> None:
    run()
    manifest = served_manifest(run.folder)
    fewer = {name: entry for name, entry in manifest.marts.items() if name != "answers"}
    with postgres.snapshot(run.call.tenant) as moment:
        assert not has_newer_facts(moment, run.call.tenant, manifest)
        assert has_newer_facts(moment, run.call.tenant, manifest.model_copy(update={"marts": fewer}))


def test_a_mart_that_is_declared_anew_is_computed_anew(run: Runner) -> None:
    run()
    manifest = served_manifest(run.folder)
    assert serves_current_schemas(manifest)
    older = manifest.marts["answers"].model_copy(update={"schema_hash": "0" * 64})
    assert not serves_current_schemas(
        manifest.model_copy(update={"marts": manifest.marts | {"answers": older}})
    )
    fewer = {name: entry for name, entry in manifest.marts.items() if name != "events"}
    assert not serves_current_schemas(manifest.model_copy(update={"marts": fewer}))


def test_partitions_follow_the_directory(run: Runner, tenant: TenantId, admin: psycopg.Connection) -> None:
    assert str(tenant) in run.partitions()
    admin.execute("UPDATE app.district_directory SET status = 'closed' WHERE id = %s", [str(tenant)])
    assert str(tenant) not in run.partitions()


def test_without_a_dagster_home_nothing_is_left_on_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    with runner._instance() as instance:
        assert instance.is_ephemeral
    assert list(tmp_path.iterdir()) == []
