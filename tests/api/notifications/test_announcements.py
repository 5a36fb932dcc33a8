"""What an administrator announces reaches everybody it is for, once, and nobody else."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.notifications import announcements
from api.notifications.tasks import tell_everybody
from core.models import User
from tests.api.envelopes import data_of, refusal_of
from tests.factories.world import DistrictBench, SchoolBench
from tests.fixtures.mail import Post
from tests.fixtures.web import Api

SYSTEM = "/api/v1/notifications/system"
WORDS = {"title": "Closed on Friday", "body": "The heating is being repaired."}


async def announce(api: Api, post: Post, author: User, **asked: Any) -> str:
    """Ask for it and let the worker do it."""
    started = data_of(await api.signed_in(author).post(SYSTEM, json={**WORDS, **asked}), 202)
    post.workplace.use()
    await tell_everybody(str(author.district_id), started["announcement_id"])
    return str(started["announcement_id"])


def told(rows: Session, announcement_id: str) -> list[UUID]:
    statement = text("SELECT user_id FROM app.notifications WHERE related_id = :id AND body = :body")
    return sorted(rows.execute(statement, {"id": announcement_id, "body": WORDS["body"]}).scalars())


def ids_of(*people: User) -> list[UUID]:
    return sorted(person.id for person in people)


async def test_a_school_tells_its_teachers_students_or_everybody(
    api: Api, post: Post, bench: DistrictBench, rows: Session
) -> None:
    home = bench.schools[0]
    teachers = await announce(api, post, home.admin, audience="teachers")
    students = await announce(api, post, home.admin, audience="students", school_id=str(home.school.id))
    everybody = await announce(api, post, home.admin)
    assert told(rows, teachers) == ids_of(home.teacher, home.other_teacher)
    pupils = (home.student, home.classmate, home.other_student, home.newcomer)
    assert told(rows, students) == ids_of(*pupils)
    assert told(rows, everybody) == ids_of(*pupils, home.teacher, home.other_teacher)


async def test_the_district_tells_all_its_schools_or_one(
    api: Api, post: Post, bench: DistrictBench, rows: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "BATCH", 3)
    home, other = bench.schools
    everywhere = await announce(api, post, bench.admin)
    there = await announce(api, post, bench.admin, audience="teachers", school_id=str(other.school.id))
    assert told(rows, everywhere) == ids_of(*home.users, *other.users)
    assert told(rows, there) == ids_of(other.teacher, other.other_teacher)


async def test_a_job_that_runs_again_tells_nobody_twice(
    api: Api, post: Post, school: SchoolBench, rows: Session
) -> None:
    announcement = await announce(api, post, school.admin, audience="teachers")
    await tell_everybody(str(school.admin.district_id), announcement)
    assert told(rows, announcement) == ids_of(school.teacher, school.other_teacher)
    done = text(
        "SELECT count(*) FROM app.user_events WHERE user_id = :id AND name = 'job:done'"
        " AND payload -> 'result' ->> 'announcement_id' = :announcement"
    )
    assert rows.scalar(done, {"id": school.admin.id, "announcement": announcement}) == 1


async def test_a_school_speaks_for_itself_alone(api: Api, bench: DistrictBench) -> None:
    home, other = bench.schools
    body = {**WORDS, "school_id": str(other.school.id)}
    refusal_of(await api.signed_in(home.admin).post(SYSTEM, json=body), 404)
    for person in (home.teacher, home.student):
        refusal_of(await api.signed_in(person).post(SYSTEM, json=WORDS), 403)


async def test_the_same_call_again_announces_once(api: Api, school: SchoolBench) -> None:
    client, key = api.signed_in(school.admin), {"Idempotency-Key": "once"}
    first, again = [await client.post(SYSTEM, json=WORDS, headers=key) for _ in range(2)]
    assert first.content == again.content
