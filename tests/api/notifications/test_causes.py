"""What happens to people's work, places and jobs is written down for them, with the thing it is about."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from api.jobs.service import fail_job, finish_job
from core.db import Database
from core.models import JobStatus, User, UserEvent
from tests.api.envelopes import data_of, items_of
from tests.factories.bookkeeping import make_job
from tests.factories.user import actor_of
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api


async def notices_of(api: Api, user: User, kind: str) -> list[tuple[str, str, str]]:
    found = items_of(await api.signed_in(user).get(f"/api/v1/notifications?kind={kind}"))
    return [(notice["title"], notice["related_type"], notice["related_id"]) for notice in found]


def events_of(rows: Session, user: User) -> list[dict[str, Any]]:
    found = rows.query(UserEvent).filter_by(user_id=user.id, name="notification:new").order_by(UserEvent.seq)
    return [event.payload for event in found]


async def test_a_teachers_word_on_an_answer_is_news_for_its_student(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    answer = school.free_answer
    word = {"score": "1", "feedback": "Fine."}
    data_of(await api.signed_in(school.teacher).post(f"/api/v1/grades/reviews/{answer.id}", json=word))
    expected = ("An answer of yours was graded", "assignment", str(school.assignment.id))
    assert await notices_of(api, school.student, "answer_graded") == [expected]
    event = events_of(rows, school.student)[-1]
    assert (event["kind"], event["occurrences"], event["is_silent"]) == ("answer_graded", 1, False)


@pytest.mark.parametrize(
    ("status", "title"), [("approved", "You have a place in {}"), ("rejected", "You have no place in {}")]
)
async def test_a_place_is_asked_for_and_decided(
    api: Api, school: SchoolBench, status: str, title: str
) -> None:
    place, class_id = school.pending, str(school.school_class.id)
    url = f"/api/v1/classes/{class_id}/enrollments/{place.id}"
    data_of(await api.signed_in(school.teacher).patch(url, json={"status": status}))
    expected = (title.format(school.school_class.name), "class", class_id)
    assert await notices_of(api, school.newcomer, "enrollment_decided") == [expected]


async def test_who_asks_for_a_place_is_announced_to_the_teacher_without_a_name(
    api: Api, school: SchoolBench
) -> None:
    code = {"code": school.school_class.code}
    data_of(await api.signed_in(school.other_student).post("/api/v1/classes/join", json=code), 201)
    ((title, related_type, related_id),) = await notices_of(api, school.teacher, "enrollment_requested")
    assert (related_type, related_id) == ("class", str(school.school_class.id))
    assert school.other_student.name not in title


@pytest.mark.parametrize(
    ("kind", "fails", "titles"),
    [
        ("write_export", False, ["The file you asked for is ready"]),
        ("write_questions", True, ["The quiz you asked for could not be finished"]),
        ("grade_free_response", False, []),
    ],
)
async def test_a_job_one_waits_for_is_told_when_it_ends_and_once(
    api: Api,
    school: SchoolBench,
    database: Database,
    rows: Session,
    kind: str,
    fails: bool,
    titles: list[str],
) -> None:
    job = make_job(rows, school.teacher, kind=kind, status=JobStatus.RUNNING)
    for _ in range(2):
        async with database.tenant_transaction(actor_of(school.teacher).context) as session:
            if fails:
                await fail_job(session, str(job.id), "It broke.")
            else:
                await finish_job(session, str(job.id), {})
    seen = await notices_of(api, school.teacher, "job_done")
    assert seen == [(title, "job", str(job.id)) for title in titles]


async def test_a_preference_holds_for_what_happens_afterwards(api: Api, school: SchoolBench) -> None:
    student = api.signed_in(school.newcomer)
    wish = {"kinds": {"enrollment_decided": "off"}}
    data_of(await student.put("/api/v1/notifications/preferences", json=wish))
    place: UUID = school.pending.id
    url = f"/api/v1/classes/{school.school_class.id}/enrollments/{place}"
    data_of(await api.signed_in(school.teacher).patch(url, json={"status": "approved"}))
    assert await notices_of(api, school.newcomer, "enrollment_decided") == []
    assert data_of(await student.get("/api/v1/notifications/unread-count")) == {"unread": 0}
