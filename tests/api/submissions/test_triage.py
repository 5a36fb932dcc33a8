"""The background job of a written answer without a model: into the teacher's queue, once, however often it runs."""

import pytest

from api.submissions.tasks import triage_free_response
from core.config import Settings
from core.db import Database
from core.jobs import Workplace
from core.key_file import KeyFile
from core.keys import KeyRing
from tests.api.envelopes import data_of
from tests.api.submissions.conftest import Desk, Ledger
from tests.fixtures.web import StandingClock


@pytest.fixture
def place(database: Database, settings: Settings, keys: KeyRing, clock: StandingClock) -> Workplace:
    """A worker in an installation without a model."""
    del keys  # the file exists now
    return Workplace(
        database=database, keys=KeyFile(settings.keys_path), settings=settings, clock=clock
    ).use()


async def test_the_job_puts_the_answer_into_the_teachers_queue_and_tells_the_student_once(
    desk: Desk, place: Workplace, ledger: Ledger
) -> None:
    shown = await desk.answer(desk.essay("Because."))
    district_id = str(desk.school.classmate.district_id)
    for _ in range(2):
        await triage_free_response(district_id=district_id, answer_id=shown["id"], job_id=shown["job_id"])
    assert [answer["status"] for answer in (await desk.read())["answers"]] == ["awaiting_teacher"]
    job = data_of(await desk.student.get(f"/api/v1/jobs/{shown['job_id']}"))
    assert (job["status"], job["progress_percent"]) == ("succeeded", 100)
    told = "SELECT count(*) FROM app.user_events WHERE name = 'job:done' AND user_id = :id"
    assert ledger.one(told, id=desk.school.classmate.id) == 1
    kept = "SELECT count(*) FROM app.ai_gradings WHERE answer_id = :id AND mode = 'offline'"
    assert ledger.one(kept, id=shown["id"]) == 1
    assert place is Workplace.get()


async def test_a_job_under_another_district_changes_nothing(
    desk: Desk, place: Workplace, ledger: Ledger
) -> None:
    shown = await desk.answer(desk.essay("Because."))
    stranger = ledger.one(
        "SELECT district_id FROM app.districts WHERE district_id <> :id LIMIT 1",
        id=desk.school.classmate.district_id,
    )
    await triage_free_response(district_id=str(stranger), answer_id=shown["id"], job_id=shown["job_id"])
    assert [answer["status"] for answer in (await desk.read())["answers"]] == ["pending"]
    assert place is Workplace.get()
