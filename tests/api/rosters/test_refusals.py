"""Imports that come to nothing: said at once where it can be, else by the job, and nothing is written."""

import io
import zipfile
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.middleware import ROSTER_BYTES
from api.rosters.endpoints import LARGEST_ARCHIVE
from api.rosters.tasks import import_roster
from api.rosters.writing import write_oneroster
from core.jobs import Workplace
from core.models import BackgroundJob, District, User
from tests.api.envelopes import data_of, refusal_of
from tests.api.rosters.conftest import URL, Send, TakeOver
from tests.api.rosters.rosters import make_roster
from tests.factories.school_class import make_class
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api


def empty_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "no roster")
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b"not a zip", 422, "unsafe_archive", id="not a zip"),
        pytest.param(b"", 422, "unsafe_archive", id="nothing"),
        pytest.param(empty_zip(), 422, "malformed_roster", id="no manifest"),
        pytest.param(b"x" * (LARGEST_ARCHIVE + 1), 413, "too_large", id="too large an archive"),
        pytest.param(b"x" * ROSTER_BYTES, 413, "too_large", id="too large a request"),
    ],
)
async def test_what_is_no_roster_is_refused_at_once(
    send: Send, content: bytes, status: int, code: str
) -> None:
    refusal_of(await send(content), status, code)


async def test_an_archive_may_be_the_body_itself(api: Api, admin: User) -> None:
    client, packed = api.signed_in(admin), write_oneroster(make_roster())
    headers = {"Content-Type": "application/zip"}
    answer = await client.post(URL, content=packed, headers=headers, params={"dry_run": True})
    assert data_of(answer)["report"]["problem_count"] == 0
    refusal_of(await client.post(URL, json={}), 415, "unsupported_media_type")


def job(rows: Session, district: District, job_id: str) -> BackgroundJob:
    return rows.get_one(BackgroundJob, (district.district_id, UUID(job_id)), populate_existing=True)


def kept_uploads(rows: Session, district: District) -> int:
    found = rows.scalar(
        text("SELECT count(*) FROM app.roster_uploads WHERE district_id = :d"), {"d": district.district_id}
    )
    return int(found or 0)


async def test_two_imports_at_once_are_judged_by_what_the_first_has_written(
    *, send: Send, take_over: TakeOver, workplace: Workplace, rows: Session, district: District
) -> None:
    """Sent while the district was empty, carried out when it takes people away."""
    first, second = make_roster(), make_roster()
    waiting = data_of(await send(second), 202)["job_id"]
    await take_over(first)
    await import_roster(str(district.district_id), waiting)
    ended = job(rows, district, waiting)
    assert ended.status == "failed"
    assert "out of use" in (ended.error or "")
    assert kept_uploads(rows, district) == 0
    names = rows.scalar(
        text("SELECT count(*) FROM app.users WHERE district_id = :d AND sourced_id = ANY(:ids)"),
        {"d": district.district_id, "ids": [person.sourced_id for person in second.people]},
    )
    assert names == 0
    del workplace


async def test_a_job_that_runs_again_changes_nothing(
    send: Send, workplace: Workplace, rows: Session, district: District
) -> None:
    job_id = data_of(await send(make_roster()), 202)["job_id"]
    for _ in range(2):
        await import_roster(str(district.district_id), job_id)
    assert job(rows, district, job_id).status == "succeeded"
    told = rows.scalar(
        text("SELECT count(*) FROM app.user_events WHERE district_id = :d AND name = 'job:done'"),
        {"d": district.district_id},
    )
    assert told == 1
    del workplace


async def test_a_name_that_another_school_has_ends_the_import_of_one_school(
    *, send: Send, workplace: Workplace, rows: Session, bench: DistrictBench
) -> None:
    """Its admin cannot see whose it is, and is not told."""
    first, second = bench.schools
    roster = make_roster()
    own = replace(roster.organisations[1], sourced_id=str(first.school.id), name=first.school.name)
    people = tuple(replace(person, organisations=(own.sourced_id,)) for person in roster.people)
    second.student.sourced_id = people[1].sourced_id
    rows.flush()
    alone = replace(
        roster, organisations=(own,), people=people, sessions=(), courses=(), classes=(), enrollments=()
    )
    job_id = data_of(await send(alone, first.admin), 202)["job_id"]
    await import_roster(str(bench.district.district_id), job_id)
    ended = job(rows, bench.district, job_id)
    assert (ended.status, ended.result) == ("failed", None)
    assert second.student.name not in (ended.error or "")
    assert kept_uploads(rows, bench.district) == len(bench.schools)  # what the bench has, and no more
    del workplace


async def test_classes_that_no_roster_brought_are_left_alone(
    take_over: TakeOver, rows: Session, bench: DistrictBench
) -> None:
    made_here = make_class(rows, bench.schools[0].teacher)
    await take_over(make_roster(), bench.admin, max_deactivation_percent=100)
    rows.refresh(made_here)
    assert made_here.deleted_at is None
