"""Many places decided at once: each for itself, all told, with as many statements as for one."""

from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import ClassEnrollment, EnrollmentStatus
from tests.api.conftest import StatementCounter
from tests.api.envelopes import data_of, fields_of, refusal_of
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student
from tests.factories.world import SchoolBench
from tests.fixtures.web import Api


def waiting(rows: Session, school: SchoolBench, count: int) -> list[ClassEnrollment]:
    return [
        make_enrollment(
            rows, school.school_class, make_student(rows, school.school), EnrollmentStatus.PENDING
        )
        for _ in range(count)
    ]


async def decide(
    api: Api, school: SchoolBench, decisions: list[tuple[UUID, str]], headers: dict[str, str] | None = None
) -> httpx2.Response:
    return await api.signed_in(school.teacher).post(
        f"/api/v1/classes/{school.school_class.id}/enrollments/decide",
        json={"decisions": [{"enrollment_id": str(item), "status": status} for item, status in decisions]},
        headers=headers or {},
    )


def outcomes(answer: httpx2.Response) -> list[tuple[str, str | None]]:
    return [(result["outcome"], result["status"]) for result in data_of(answer)["results"]]


async def test_each_decision_is_taken_for_itself(api: Api, school: SchoolBench, rows: Session) -> None:
    first, second, elsewhere = waiting(rows, school, 3)
    rejected = make_enrollment(rows, school.school_class, school.other_student, EnrollmentStatus.REJECTED)
    foreign = make_enrollment(rows, school.other_class, school.newcomer, EnrollmentStatus.PENDING)
    answer = await decide(
        api,
        school,
        [
            (first.id, "approved"),
            (second.id, "rejected"),
            (rejected.id, "rejected"),
            (rejected.id, "approved"),
            (foreign.id, "approved"),
            (new_id(), "approved"),
            (second.id, "approved"),
        ],
    )
    assert outcomes(answer) == [
        ("decided", "approved"),
        ("decided", "rejected"),
        ("unchanged", "rejected"),
        ("decided_otherwise", "rejected"),
        ("not_found", None),
        ("not_found", None),
        ("decided_otherwise", "rejected"),
    ]
    kept = text("SELECT status FROM app.class_enrollments WHERE id = ANY(:ids) ORDER BY status")
    ids = [first.id, second.id, elsewhere.id, foreign.id]
    assert rows.execute(kept, {"ids": ids}).scalars().all() == ["approved", "pending", "pending", "rejected"]


async def test_every_student_is_told_of_their_own_place(api: Api, school: SchoolBench, rows: Session) -> None:
    places = waiting(rows, school, 4)
    statuses = ["approved", "rejected", "approved", "rejected"]
    data_of(
        await decide(
            api, school, [(place.id, status) for place, status in zip(places, statuses, strict=True)]
        )
    )
    for place, status in zip(places, statuses, strict=True):
        told = text("SELECT name, payload FROM app.user_events WHERE user_id = :id ORDER BY seq LIMIT 1")
        ((name, payload),) = rows.execute(told, {"id": place.student_id}).tuples().all()
        assert name == "enrollment:updated"
        assert payload == {
            "enrollment_id": str(place.id),
            "class_id": str(school.school_class.id),
            "class_name": school.school_class.name,
            "status": status,
        }


async def test_who_decided_what_is_in_the_trail_and_in_the_history(
    api: Api, school: SchoolBench, rows: Session
) -> None:
    (place,) = waiting(rows, school, 1)
    data_of(await decide(api, school, [(place.id, "approved")]))
    trail = text("SELECT action, actor_id, subject_id FROM app.audit_events WHERE object_id = :id")
    assert rows.execute(trail, {"id": place.id}).tuples().all() == [
        ("approved", school.teacher.id, place.student_id)
    ]
    changes = text(
        "SELECT new_status, changed_by FROM app.enrollment_changes WHERE enrollment_id = :id ORDER BY id"
    )
    assert rows.execute(changes, {"id": place.id}).tuples().all()[-1] == ("approved", school.teacher.id)


async def test_two_hundred_cost_as_many_statements_as_two(
    api: Api, school: SchoolBench, rows: Session, statements: StatementCounter
) -> None:
    costs = []
    for count in (1, 100):  # one more statement for each kind of decision, to notify
        places = waiting(rows, school, 2 * count)
        wanted = [(place.id, "approved" if number % 2 else "rejected") for number, place in enumerate(places)]
        with statements.counting() as seen:
            data_of(await decide(api, school, wanted))
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 12, costs


async def test_the_same_call_again_repeats_its_answer(api: Api, school: SchoolBench, rows: Session) -> None:
    (place,) = waiting(rows, school, 1)
    key = {"Idempotency-Key": new_id().hex}
    first = await decide(api, school, [(place.id, "approved")], key)
    again = await decide(api, school, [(place.id, "approved")], key)
    assert first.content == again.content
    assert outcomes(again) == [("decided", "approved")]


async def test_no_decision_too_many_and_other_words_are_refused(api: Api, school: SchoolBench) -> None:
    place = school.pending.id
    assert fields_of(await decide(api, school, [])) == ["decisions"]
    assert fields_of(await decide(api, school, [(place, "approved")] * 201)) == ["decisions"]
    assert fields_of(await decide(api, school, [(place, "removed")])) == ["decisions.0.status"]


async def test_a_colleague_decides_nothing(api: Api, school: SchoolBench) -> None:
    url = f"/api/v1/classes/{school.school_class.id}/enrollments/decide"
    body: dict[str, Any] = {"decisions": [{"enrollment_id": str(school.pending.id), "status": "approved"}]}
    refusal_of(await api.signed_in(school.other_teacher).post(url, json=body), 404, "not_found")
