"""Who may talk to whom, and what becomes of it when that changes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.models import ClassEnrollment, ConversationKind, EnrollmentStatus, User
from tests.api.messages.conftest import Talker
from tests.factories.message import make_direct_conversation
from tests.factories.school_class import make_class, make_enrollment
from tests.factories.user import make_student
from tests.factories.world import SchoolBench


def code_of(answer: Any) -> str:
    code: str = answer.json()["errors"][0]["code"]
    return code


async def test_a_teacher_and_a_student_open_the_same_conversation(
    rows: Session, school: SchoolBench, teacher: Talker, talkers: Any
) -> None:
    newcomer = make_student(rows, school.school)
    make_enrollment(rows, school.school_class, newcomer)
    first = await teacher.ask("POST", "/conversations", {"student_id": str(newcomer.id)})
    second = await talkers(newcomer).ask("POST", "/conversations", {"teacher_id": str(teacher.user.id)})
    assert (first.status_code, second.status_code) == (201, 200)
    made, found = first.json()["data"], second.json()["data"]
    assert made["id"] == found["id"]
    assert made["kind"] == "direct"
    assert made["teacher"]["name"] == teacher.user.name
    assert made["student"]["name"] == newcomer.name
    assert made["may_write"] is found["may_write"] is True


async def test_two_who_open_it_at_once_get_one_conversation(
    rows: Session, school: SchoolBench, teacher: Talker
) -> None:
    newcomer = make_student(rows, school.school)
    make_enrollment(rows, school.school_class, newcomer)
    opened = await asyncio.gather(*(teacher.open(student_id=newcomer.id) for _ in range(10)))
    assert len(set(opened)) == 1


async def test_only_the_teacher_opens_the_conversation_of_a_class(
    rows: Session, school: SchoolBench, teacher: Talker, student: Talker
) -> None:
    quiet = make_class(rows, school.teacher)
    make_enrollment(rows, quiet, school.student)
    refused = await student.ask("POST", "/conversations", {"class_id": str(quiet.id)})
    assert refused.status_code == 404
    opened = await teacher.open(class_id=quiet.id)
    assert await student.open(class_id=quiet.id) == opened


@pytest.mark.parametrize("body", [{}, {"teacher_id": None}, "both"], ids=["none", "null", "both"])
async def test_one_names_one_person_or_class(student: Talker, school: SchoolBench, body: Any) -> None:
    if body == "both":
        body = {"teacher_id": str(school.teacher.id), "class_id": str(school.school_class.id)}
    answer = await student.ask("POST", "/conversations", body)
    assert answer.status_code == 422


async def test_strangers_are_not_found(student: Talker, teacher: Talker, school: SchoolBench) -> None:
    attempts = [
        (student, {"teacher_id": school.other_teacher.id}),
        (student, {"teacher_id": school.classmate.id}),
        (student, {"student_id": school.classmate.id}),
        (teacher, {"student_id": school.other_student.id}),
        (teacher, {"student_id": school.newcomer.id}),  # has asked for a place, has none
        (teacher, {"teacher_id": school.other_teacher.id}),
        (teacher, {"class_id": school.other_class.id}),
    ]
    for talker, whom in attempts:
        body = {name: str(value) for name, value in whom.items()}
        answer = await talker.ask("POST", "/conversations", body)
        assert (answer.status_code, code_of(answer)) == (404, "not_found"), whom


async def test_who_leaves_the_class_loses_its_conversations_and_may_read_their_own(
    rows: Session, school: SchoolBench, teacher: Talker, student: Talker
) -> None:
    of_class, direct = str(school.class_conversation.id), str(school.direct.id)
    await teacher.write(direct, "Before you go")
    place = rows.query(ClassEnrollment).filter_by(
        class_id=school.school_class.id, student_id=school.student.id
    )
    place.update({"status": EnrollmentStatus.REMOVED})
    rows.flush()
    assert (await student.ask("GET", f"/conversations/{of_class}/messages")).status_code == 404
    assert (await student.try_to_write(of_class, "Still here")).status_code == 404
    assert "Before you go" in await student.bodies(direct)
    for talker in (student, teacher):
        refused = await talker.try_to_write(direct, "Are you there?")
        assert (refused.status_code, code_of(refused)) == (409, "conversation_closed")
    listed = await student.get("/conversations")
    assert [(item["id"], item["may_write"]) for item in listed["items"]] == [(direct, False)]


async def test_a_new_teacher_has_the_class_and_not_the_letters_of_the_old_one(
    rows: Session, school: SchoolBench, teacher: Talker, talkers: Any
) -> None:
    of_class = str(school.class_conversation.id)
    school.school_class.teacher_id = school.other_teacher.id
    rows.add(school.school_class)
    rows.flush()
    successor = talkers(school.other_teacher)
    assert (await teacher.ask("GET", f"/conversations/{of_class}")).status_code == 404
    assert (await successor.get(f"/conversations/{of_class}"))["may_write"] is True
    assert (await successor.ask("GET", f"/conversations/{school.direct.id}")).status_code == 404


async def test_students_read_announcements_and_do_not_answer(
    student: Talker, teacher: Talker, school: SchoolBench
) -> None:
    body = {"class_id": str(school.school_class.id), "body": "No school on Friday"}
    made = (await teacher.ask("POST", "/announcements", body)).json()["data"]
    conversation = made["conversation_id"]
    assert "No school on Friday" in await student.bodies(conversation)
    refused = await student.try_to_write(conversation, "Hooray")
    assert (refused.status_code, code_of(refused)) == (403, "read_only_conversation")
    shown = await student.get(f"/conversations/{conversation}")
    assert (shown["kind"], shown["may_write"]) == (ConversationKind.ANNOUNCEMENTS, False)


async def test_the_list_has_the_latest_activity_first_and_every_page_once(
    rows: Session, school: SchoolBench, teacher: Talker
) -> None:
    people: list[User] = [make_student(rows, school.school) for _ in range(5)]
    for person in people:
        make_enrollment(rows, school.school_class, person)
        make_direct_conversation(rows, school.teacher, person)
    await teacher.write(str(school.direct.id), "The latest")
    seen, cursor = [], ""
    while cursor is not None:
        page = await teacher.get(f"/conversations?limit=3{cursor and f'&cursor={cursor}'}")
        seen += page["items"]
        cursor = page["next_cursor"]
    assert seen[0]["id"] == str(school.direct.id)
    assert seen[0]["last_message"]["body"] == "The latest"
    assert len({item["id"] for item in seen}) == len(seen) == 5 + 3
    moments = [item["last_activity_at"] for item in seen]
    assert moments == sorted(moments, reverse=True)
