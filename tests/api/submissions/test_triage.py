"""The background job of a written answer: into the teacher's queue, once, however often it runs."""

from api.submissions.tasks import triage_free_response
from core.db import Database
from core.jobs import JobDatabase
from tests.api.envelopes import data_of
from tests.api.submissions.conftest import Desk, Ledger


async def run_job(database: Database, desk: Desk, answer_id: str, job_id: str) -> None:
    JobDatabase.use(database)
    district_id = str(desk.school.classmate.district_id)
    await triage_free_response(district_id=district_id, answer_id=answer_id, job_id=job_id)


async def test_the_job_puts_the_answer_into_the_teachers_queue_and_tells_the_student_once(
    desk: Desk, database: Database, ledger: Ledger
) -> None:
    shown = await desk.answer(desk.essay("Because."))
    for _ in range(2):
        await run_job(database, desk, shown["id"], shown["job_id"])
    assert [answer["status"] for answer in (await desk.read())["answers"]] == ["awaiting_teacher"]
    job = data_of(await desk.student.get(f"/api/v1/jobs/{shown['job_id']}"))
    assert (job["status"], job["progress_percent"]) == ("succeeded", 100)
    told = "SELECT count(*) FROM app.user_events WHERE name = 'job:done' AND user_id = :id"
    assert ledger.one(told, id=desk.school.classmate.id) == 1


async def test_a_job_under_another_district_changes_nothing(
    desk: Desk, database: Database, ledger: Ledger
) -> None:
    shown = await desk.answer(desk.essay("Because."))
    JobDatabase.use(database)
    stranger = ledger.one(
        "SELECT district_id FROM app.districts WHERE district_id <> :id LIMIT 1",
        id=desk.school.classmate.district_id,
    )
    await triage_free_response(district_id=str(stranger), answer_id=shown["id"], job_id=shown["job_id"])
    assert [answer["status"] for answer in (await desk.read())["answers"]] == ["pending"]
