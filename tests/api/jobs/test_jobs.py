"""A background job is shown to the person who caused it and to nobody else."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.models import JobStatus, UserEvent
from tests.api.envelopes import data_of, refusal_of
from tests.factories.bookkeeping import make_job
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api

JOBS = "/api/v1/jobs"


async def test_only_who_caused_a_job_sees_it(api: Api, bench: DistrictBench, rows: Session) -> None:
    home, sister = bench.schools
    job = make_job(rows, home.student)
    url = f"{JOBS}/{job.id}"
    shown = data_of(await api.signed_in(home.student).get(url))
    assert (shown["kind"], shown["status"]) == ("free_response", "succeeded")
    others = (home.classmate, home.teacher, home.admin, bench.admin, sister.student)
    answers = [await api.signed_in(user).get(url) for user in others]
    unknown = await api.signed_in(home.student).get(f"{JOBS}/{home.student.id}")
    refusal_of(unknown, 404, "not_found")
    assert {answer.content for answer in answers} == {unknown.content}


async def test_a_job_of_another_is_not_there_to_be_cancelled(
    api: Api, bench: DistrictBench, rows: Session
) -> None:
    home, sister = bench.schools
    job = make_job(rows, home.teacher, kind="write_questions", status=JobStatus.RUNNING)
    for user in (home.admin, bench.admin, sister.teacher):
        refusal_of(await api.signed_in(user).delete(f"{JOBS}/{job.id}"), 404, "not_found")
    shown = data_of(await api.signed_in(home.teacher).get(f"{JOBS}/{job.id}"))
    assert shown["status"] == "running"


async def test_a_cancelled_job_tells_its_owner_once(api: Api, bench: DistrictBench, rows: Session) -> None:
    home, _ = bench.schools
    job = make_job(rows, home.teacher, kind="write_questions", status=JobStatus.RUNNING)
    teacher = api.signed_in(home.teacher)
    first, second = [data_of(await teacher.delete(f"{JOBS}/{job.id}")) for _ in range(2)]
    assert first == second
    assert (first["status"], first["finished_at"] is None) == ("cancelled", False)
    told = rows.scalars(
        select(UserEvent.payload).where(UserEvent.user_id == home.teacher.id, UserEvent.name == "job:done")
    ).all()
    assert [payload["status"] for payload in told] == ["cancelled"]


@pytest.mark.parametrize("kind", ["free_response", "write_questions"])
async def test_a_job_that_ended_or_does_not_look_cannot_be_cancelled(
    api: Api, bench: DistrictBench, rows: Session, kind: str
) -> None:
    home, _ = bench.schools
    status = JobStatus.QUEUED if kind == "free_response" else JobStatus.SUCCEEDED
    job = make_job(rows, home.teacher, kind=kind, status=status)
    refused = await api.signed_in(home.teacher).delete(f"{JOBS}/{job.id}")
    refusal_of(refused, 409, "job_not_cancellable")
