"""Exports from the question to the download: who is offered what, what is in a file, what stays written down."""

import hashlib
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text

from api.exports.files import as_text
from api.exports.tasks import remove_expired_exports
from api.gradebook.spreadsheets import harmless
from core.jobs import job_context
from core.models import ExportState, User
from tests.api.envelopes import data_of, refusal_of
from tests.api.exports.conftest import EXPORTS, Office
from warehouse.bundle import verify_bundle
from warehouse.manifest import served_manifest
from warehouse.pseudonyms import Pseudonyms
from warehouse.snapshots import write_record_bundle

_AUDIT = text(
    "SELECT action, subject_id FROM app.audit_events WHERE district_id = :district AND actor_id = :actor"
    " AND details::text <> '{\"note\": 1}' ORDER BY occurred_at, id"
)


def _trail(office: Office, user: User) -> list[Any]:
    given = {"district": user.district_id, "actor": user.id}
    return [(row.action, row.subject_id) for row in office.rows.execute(_AUDIT, given)]


def _csv(content: bytes) -> pl.DataFrame:
    return pl.read_csv(content, infer_schema=False)


async def test_a_teacher_takes_out_the_own_class_with_names(office: Office) -> None:
    school = office.bench.schools[0]
    export = await office.make(school.teacher, dataset="gradebook", class_id=str(school.school_class.id))
    content = await office.read(school.teacher, export)
    table = _csv(content)
    assert content.startswith("\ufeff".encode())
    assert table["student_name"].to_list() == [school.student.name]
    assert table["score"].to_list() == ["1.5000000000"]
    assert (export.row_count, export.byte_count) == (1, len(content))
    assert export.sha256 == hashlib.sha256(content).hexdigest()


async def test_the_list_and_the_detail_tell_how_far_a_file_is(office: Office) -> None:
    teacher = office.bench.schools[0].teacher
    export_id = await office.ask(teacher, dataset="gradebook", format="parquet")
    caller = office.api.signed_in(teacher)
    waiting = data_of(await caller.get(f"{EXPORTS}/{export_id}"))
    assert (waiting["state"], waiting["sha256"]) == ("queued", None)
    assert refusal_of(await caller.get(f"{EXPORTS}/{export_id}/file"), 409)["code"] == "export_not_ready"
    await office.work(export_id)
    listed = data_of(await caller.get(EXPORTS))["items"]
    assert [item["state"] for item in listed if item["id"] == str(export_id)] == ["done"]
    job = data_of(await caller.get(f"/api/v1/jobs/{waiting['job_id']}"))
    assert (job["status"], job["progress_percent"], job["result"]["rows"]) == ("succeeded", 100, 1)


async def test_an_admin_of_a_school_receives_the_own_school_under_keys(office: Office) -> None:
    school, other = office.bench.schools
    export = await office.make(school.admin, dataset="concept_mastery", format="parquet")
    table = pl.read_parquet(await office.read(school.admin, export))
    secret = office.bench.district.district_id.bytes * 2
    assert table["student_key"].to_list() == [Pseudonyms(secret).key("person", str(school.student.id))]
    assert set(table["school_id"]) == {str(school.school.id)} != {str(other.school.id)}
    assert "student_id" not in table.columns


async def test_an_admin_of_the_district_receives_every_school_and_no_payload(office: Office) -> None:
    export = await office.make(office.bench.admin, dataset="events", format="parquet")
    table = pl.read_parquet(await office.read(office.bench.admin, export))
    assert table.height == 2
    assert not {"payload", "actor_id", "object_id"} & set(table.columns)


async def test_groups_leave_in_whole_percents(office: Office) -> None:
    school = office.bench.schools[0]
    export = await office.make(school.admin, dataset="class_summary", profile="aggregate")
    table = _csv(await office.read(school.admin, export))
    assert table.select("class_id", "student_count", "average_percent", "school_year").rows() == [
        (str(school.school_class.id), "12", "70", "2026-2027")
    ]


async def test_the_bundle_leaves_as_an_archive_that_verifies(office: Office, tmp_path: Path) -> None:
    write_record_bundle(office.folder, served_manifest(office.folder), Pseudonyms(b"secret"))
    export = await office.make(office.bench.admin, dataset="bundle")
    content = await office.read(office.bench.admin, export)
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    report = verify_bundle(tmp_path)
    assert (report.problems, report.rows["gradebook"]) == ((), 2)


_NOT_OFFERED = [
    ("teacher", {"dataset": "events"}),
    ("teacher", {"dataset": "concept_mastery"}),
    ("teacher", {"dataset": "gradebook", "profile": "record"}),
    ("teacher", {"dataset": "bundle"}),
    ("admin", {"dataset": "gradebook", "profile": "named"}),
    ("admin", {"dataset": "bundle"}),
    ("admin", {"dataset": "district_summary", "profile": "aggregate"}),
    ("admin", {"dataset": "gradebook", "profile": "aggregate"}),
]


@pytest.mark.parametrize(("role", "body"), _NOT_OFFERED)
async def test_what_a_role_is_not_offered_is_refused(office: Office, role: str, body: dict[str, str]) -> None:
    caller = office.api.signed_in(getattr(office.bench.schools[0], role))
    assert refusal_of(await caller.post(EXPORTS, json=body), 403)["code"] == "export_not_offered"


async def test_an_unknown_dataset_is_a_malformed_request(office: Office) -> None:
    caller = office.api.signed_in(office.bench.admin)
    assert (await caller.post(EXPORTS, json={"dataset": "gossip"})).status_code == 422


async def test_nobody_finds_or_downloads_what_another_asked_for(office: Office) -> None:
    school = office.bench.schools[0]
    export = await office.make(school.teacher, dataset="gradebook")
    for stranger in (school.admin, school.other_teacher, office.bench.admin):
        caller = office.api.signed_in(stranger)
        assert (await caller.get(f"{EXPORTS}/{export.id}")).status_code == 404
        assert (await caller.get(f"{EXPORTS}/{export.id}/file")).status_code == 404


async def test_asking_downloading_and_whom_it_showed_are_written_down(office: Office) -> None:
    school = office.bench.schools[0]
    export = await office.make(school.teacher, dataset="gradebook", class_id=str(school.school_class.id))
    await office.read(school.teacher, export)
    trail = _trail(office, school.teacher)
    assert {action for action, _ in trail} >= {"export_requested", "export_downloaded", "read"}
    assert school.student.id in {subject for action, subject in trail if action == "read"}


async def test_rows_beyond_a_days_limit_do_not_leave_and_the_try_is_written_down(office: Office) -> None:
    admin = office.bench.admin
    office.limit(export_rows_per_day=3)
    assert (await office.make(admin, dataset="gradebook")).state is ExportState.DONE
    refused = await office.make(admin, dataset="concept_mastery")
    assert (refused.state, refused.error_code, refused.storage_key) == (
        ExportState.FAILED,
        "export_limit_reached",
        None,
    )
    assert "export_refused" in {action for action, _ in _trail(office, admin)}
    job = data_of(await office.api.signed_in(admin).get(f"/api/v1/jobs/{refused.job_id}"))
    assert (job["status"], "as many rows" in job["error"]) == ("failed", True)


async def test_what_one_may_no_longer_see_is_not_in_a_file_asked_for_before(office: Office) -> None:
    school = office.bench.schools[0]
    export_id = await office.ask(school.teacher, dataset="gradebook")
    school.school_class.teacher_id = school.other_teacher.id
    office.rows.commit()
    assert (await office.work(export_id)).row_count == 0


async def test_a_second_run_of_the_job_changes_nothing(office: Office) -> None:
    export = await office.make(office.bench.admin, dataset="gradebook")
    before = (export.sha256, export.updated_at)
    again = await office.work(export.id)
    assert (again.sha256, again.updated_at) == before


async def test_after_a_week_the_file_is_gone_and_the_row_stays(office: Office) -> None:
    admin = office.bench.admin
    export = await office.make(admin, dataset="gradebook")
    file = Path(office.place.settings.storage_url) / office.folder.name / "exports" / f"{export.id}.csv"
    assert file.is_file()
    context = job_context(str(office.bench.district.district_id))
    later = office.place.clock() + timedelta(days=7)
    everyones = 1 + len(office.bench.schools)  # each school's teacher has one from before
    assert await remove_expired_exports(office.place.database, context, later) == everyones
    assert not file.exists()
    assert office.row(export.id).state is ExportState.EXPIRED
    assert (await office.api.signed_in(admin).get(f"{EXPORTS}/{export.id}/file")).status_code == 409


async def test_before_the_first_run_the_job_says_so(office: Office) -> None:
    office.folder.delete("manifest.json")
    export = await office.make(office.bench.admin, dataset="gradebook")
    assert (export.state, export.error_code) == (ExportState.FAILED, "export_not_served")


async def test_who_stands_behind_a_key_is_told_to_admins_alone_for_their_school_and_written_down(
    office: Office,
) -> None:
    school, other = office.bench.schools
    answer = await office.api.signed_in(school.admin).get(f"{EXPORTS}/student-keys")
    table = _csv(answer.content)
    key = Pseudonyms(office.bench.district.district_id.bytes * 2).key("person", str(school.student.id))
    found = table.filter(pl.col("student_id") == str(school.student.id))
    assert found["student_key"].to_list() == [key]
    assert str(other.student.id) not in set(table["student_id"])
    trail = _trail(office, school.admin)
    assert "export_keys_taken" in {action for action, _ in trail}
    assert school.student.id in {subject for action, subject in trail if action == "read"}
    assert (await office.api.signed_in(school.teacher).get(f"{EXPORTS}/student-keys")).status_code == 403


_HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "a=1", "", "=cmd|'/C calc'!A0", " =1"]


def test_texts_in_files_are_as_harmless_as_in_the_gradebook() -> None:
    told = as_text(pl.DataFrame({"name": _HOSTILE, "names": [[one, one] for one in _HOSTILE]}))
    assert told["name"].to_list() == [harmless(one) for one in _HOSTILE]
    assert told["names"].to_list() == [harmless(f"{one}; {one}") for one in _HOSTILE]


async def test_no_cell_of_a_file_is_a_formula(office: Office) -> None:
    teacher = office.bench.schools[0].teacher
    table = _csv(await office.read(teacher, await office.make(teacher, dataset="gradebook")))
    assert table["category"].to_list() == ["'=1+1"]
