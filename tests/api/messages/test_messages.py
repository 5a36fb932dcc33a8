"""Writing, reading, changing and deleting, raced and repeated; unread is always what a recount would say."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ids import new_id
from core.models import MessageRevision, Notification, UserEvent
from tests.api.conftest import StatementCounter
from tests.api.messages.conftest import Talker
from tests.factories.school_class import make_enrollment
from tests.factories.user import make_student
from tests.factories.world import SchoolBench
from tests.fixtures.web import StandingClock


def told(rows: Session, user_id: UUID, name: str) -> list[dict[str, Any]]:
    """What one person's stream has of one kind, the oldest first."""
    statement = (
        select(UserEvent.payload)
        .where(UserEvent.user_id == user_id, UserEvent.name == name)
        .order_by(UserEvent.seq)
    )
    return list(rows.scalars(statement))


async def test_what_is_written_reaches_everybody_in_the_conversation(
    rows: Session, school: SchoolBench, teacher: Talker
) -> None:
    sent = await teacher.write(str(school.class_conversation.id), "  Bring your\x07 books\u202e \n")
    assert sent["body"] == "Bring your books"
    for person in (school.teacher, school.student, school.classmate):
        (heard,) = told(rows, person.id, "message:new")
        assert (heard["message_id"], heard["body"], heard["number"]) == (
            sent["id"],
            "Bring your books",
            sent["number"],
        )
    for stranger in (school.other_teacher, school.other_student, school.newcomer, school.admin):
        assert told(rows, stranger.id, "message:new") == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<b>3 < 4</b> & so on", "<b>3 < 4</b> & so on"),
        ("Zoe\u0308", "Zoë"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\u200bb\ufeffc", "abc"),
        ("👩\u200d🏫 ok", "👩\u200d🏫 ok"),
        ("x" * 4000, "x" * 4000),
    ],
    ids=["markup", "accents", "lines", "invisible", "joined", "longest"],
)
async def test_text_is_kept_as_text(teacher: Talker, school: SchoolBench, typed: str, kept: str) -> None:
    assert (await teacher.write(str(school.direct.id), typed))["body"] == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "invalid_string_too_short"),
        (" \n\t", "empty_message"),
        ("\u200b\u202e\x00", "empty_message"),
        ("x" * 4001, "invalid_string_too_long"),
    ],
    ids=["nothing", "blank", "invisible", "too-long"],
)
async def test_what_nobody_could_read_is_refused(
    teacher: Talker, school: SchoolBench, typed: str, code: str
) -> None:
    answer = await teacher.try_to_write(str(school.direct.id), typed)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


async def test_a_message_sent_twenty_times_at_once_is_one(
    rows: Session, teacher: Talker, school: SchoolBench
) -> None:
    client_id = new_id()
    sent = await asyncio.gather(
        *(teacher.write(str(school.direct.id), "Only once", client_id) for _ in range(20))
    )
    assert len({message["id"] for message in sent}) == 1
    assert (await teacher.bodies(str(school.direct.id))).count("Only once") == 1
    assert len(told(rows, school.student.id, "message:new")) == 1


async def test_a_client_id_stands_for_one_message(teacher: Talker, school: SchoolBench) -> None:
    client_id = new_id()
    await teacher.write(str(school.direct.id), "This one", client_id)
    for conversation, body in ((school.direct, "Another"), (school.class_conversation, "This one")):
        refused = await teacher.try_to_write(str(conversation.id), body, client_id)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "client_id_reused")


async def test_numbers_have_no_gap_when_many_write_at_once(
    school: SchoolBench, teacher: Talker, student: Talker, classmate: Talker
) -> None:
    conversation = str(school.class_conversation.id)
    await asyncio.gather(
        *(
            talker.write(conversation, f"{number} at once")
            for number, talker in enumerate([teacher, student, classmate] * 8)
        )
    )
    listed = (await teacher.get(f"/conversations/{conversation}/messages?limit=100"))["items"]
    numbers = [message["number"] for message in reversed(listed)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == 25
    forward = (await teacher.get(f"/conversations/{conversation}/messages?after_number=20"))["items"]
    assert [message["number"] for message in forward] == [21, 22, 23, 24, 25]


async def test_a_class_of_two_hundred_costs_no_statement_more_than_two(
    rows: Session, school: SchoolBench, teacher: Talker, statements: StatementCounter
) -> None:
    conversation = str(school.class_conversation.id)
    await teacher.write(conversation, "Warm")
    with statements.counting() as for_two:
        await teacher.write(conversation, "For two")
    students = [make_student(rows, school.school) for _ in range(198)]
    for each in students:
        make_enrollment(rows, school.school_class, each)
    with statements.counting() as for_many:
        await teacher.write(conversation, "For all")
    recording = [statement for statement in for_many if "user_events" in statement]
    assert len(for_many) <= len(for_two) + 1, (
        for_many
    )  # badges may be counted before or after we stop looking
    assert len(recording) == 1
    assert len(told(rows, students[-1].id, "message:new")) == 1


async def test_unread_messages_are_one_notification_until_they_are_read(
    rows: Session, school: SchoolBench, teacher: Talker, student: Talker
) -> None:
    conversation = str(school.direct.id)
    sent = [await teacher.write(conversation, f"Message {number}") for number in range(3)]
    (notification,) = _of_conversation(rows, school.student.id, school.direct.id)
    assert (notification.kind, notification.occurrences, notification.read_at) == (
        "message_received",
        3,
        None,
    )
    assert "Message" not in notification.title
    assert await student.read(sent[-1]) == sent[-1]["number"]
    rows.refresh(notification)
    assert notification.read_at is not None
    await teacher.write(conversation, "One more")
    assert [each.occurrences for each in _of_conversation(rows, school.student.id, school.direct.id)] == [
        3,
        1,
    ]


def _of_conversation(rows: Session, user_id: UUID, conversation_id: UUID) -> list[Notification]:
    statement = select(Notification).where(
        Notification.user_id == user_id, Notification.related_id == conversation_id
    )
    return list(rows.scalars(statement.order_by(Notification.id).execution_options(populate_existing=True)))


async def test_reading_goes_forward_and_the_other_one_sees_it(
    rows: Session, school: SchoolBench, teacher: Talker, student: Talker
) -> None:
    conversation = str(school.direct.id)
    first, second = [await teacher.write(conversation, text) for text in ("one", "two")]
    assert await student.unread() >= 2
    await student.read(second)
    await student.read(first)
    assert (await student.get(f"/conversations/{conversation}"))["read_number"] == second["number"]
    assert (await teacher.get(f"/conversations/{conversation}"))["other_read_number"] == second["number"]
    for person in (school.teacher, school.student):
        assert [heard["read_number"] for heard in told(rows, person.id, "message:read")] == [second["number"]]


async def test_how_far_somebody_has_read_a_class_is_told_to_nobody_else(
    rows: Session, school: SchoolBench, teacher: Talker, student: Talker
) -> None:
    await student.read(await teacher.write(str(school.class_conversation.id), "Read me"))
    assert told(rows, school.teacher.id, "message:read") == []
    assert len(told(rows, school.student.id, "message:read")) == 1


async def test_an_edited_message_keeps_what_it_said_for_the_school(
    rows: Session, school: SchoolBench, teacher: Talker, student: Talker
) -> None:
    conversation = str(school.direct.id)
    sent = await teacher.write(conversation, "At noon")
    path = f"/conversations/{conversation}/messages/{sent['id']}"
    foreign = await student.ask("PATCH", path, {"body": "At one"})
    assert foreign.status_code == 404
    changed = (await teacher.ask("PATCH", path, {"body": "At one"})).json()["data"]
    assert (changed["body"], changed["edited_at"] is None) == ("At one", False)
    (heard,) = told(rows, school.student.id, "message:edited")
    assert (heard["message_id"], heard["body"]) == (sent["id"], "At one")
    (revision,) = rows.scalars(select(MessageRevision).where(MessageRevision.message_id == UUID(sent["id"])))
    assert (revision.kind, revision.body, revision.changed_by) == ("edited", "At noon", school.teacher.id)


async def test_a_message_is_changed_for_fifteen_minutes_and_deleted_at_any_time(
    talkers: Any, teacher: Talker, school: SchoolBench, clock: StandingClock
) -> None:
    sent = await teacher.write(str(school.direct.id), "At noon")
    path = f"/conversations/{school.direct.id}/messages/{sent['id']}"
    clock.advance(timedelta(minutes=15))
    teacher = talkers(school.teacher)  # a token lasts for less
    assert (await teacher.ask("PATCH", path, {"body": "At one"})).status_code == 200
    clock.advance(timedelta(seconds=1))
    refused = await teacher.ask("PATCH", path, {"body": "At two"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "message_too_old")
    assert (await teacher.bodies(str(school.direct.id)))[-1] == "At one"
    assert (await teacher.ask("DELETE", path)).status_code == 200


async def test_a_deleted_message_is_seen_by_nobody_and_counts_for_nobody(
    rows: Session, school: SchoolBench, teacher: Talker, student: Talker
) -> None:
    conversation = str(school.direct.id)
    before = await student.unread()
    sent = await teacher.write(conversation, "A slip")
    path = f"/conversations/{conversation}/messages/{sent['id']}"
    assert (await teacher.ask("DELETE", path)).json()["data"]["body"] is None
    assert await student.unread() == before
    assert "A slip" not in await student.bodies(conversation)
    assert [heard["message_id"] for heard in told(rows, school.student.id, "message:deleted")] == [sent["id"]]
    again = await teacher.ask("DELETE", path)
    assert again.status_code == 404


async def test_a_teacher_takes_a_word_back_out_of_the_class_but_no_letter(
    school: SchoolBench, teacher: Talker, student: Talker, classmate: Talker
) -> None:
    rude = await student.write(str(school.class_conversation.id), "Rude")
    letter = await student.write(str(school.direct.id), "Private")
    place = "/conversations/{conversation_id}/messages/{id}"
    assert (await classmate.ask("DELETE", place.format_map(rude))).status_code == 404
    assert (await teacher.ask("DELETE", place.format_map(rude))).status_code == 200
    assert (await teacher.ask("DELETE", place.format_map(letter))).status_code == 404


async def test_what_was_written_before_a_student_had_a_place_is_not_unread(
    *, rows: Session, school: SchoolBench, teacher: Talker, talkers: Any, clock: StandingClock
) -> None:
    conversation = str(school.class_conversation.id)
    await teacher.write(conversation, "Long ago")
    clock.advance(timedelta(minutes=5))
    late = make_student(rows, school.school)
    make_enrollment(rows, school.school_class, late).decided_at = clock()
    rows.flush()
    newcomer: Talker = talkers(late)
    assert await newcomer.unread() == 0
    await teacher.write(conversation, "Welcome")
    assert await newcomer.unread() == 1
    assert "Long ago" in await newcomer.bodies(conversation)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_unread_is_what_a_recount_says_whatever_happens(
    *, school: SchoolBench, teacher: Talker, student: Talker, classmate: Talker, seed: int
) -> None:
    """Random writing, reading, changing and deleting by three people, some of it at once."""
    chance = random.Random(seed)
    everybody = [teacher, student, classmate]
    conversation = str(school.class_conversation.id)
    sent: list[tuple[Talker, Any]] = []
    for _ in range(12):
        writers = chance.sample(everybody, 2)
        written = await asyncio.gather(*(talker.write(conversation, "x") for talker in writers))
        sent += zip(writers, written, strict=True)
        reader, (author, message) = chance.choice(everybody), chance.choice(sent)
        place = f"/conversations/{conversation}/messages/{message['id']}"
        await asyncio.gather(
            reader.read(chance.choice(sent)[1]),
            author.ask(chance.choice(["DELETE", "PATCH"]), place, {"body": "y"}),
        )
    for talker in everybody:
        assert await _counted(talker, conversation) == await _recounted(talker, conversation)


async def _counted(talker: Talker, conversation: str) -> int:
    listed = {
        each["conversation_id"]: each["unread"] for each in (await talker.get("/unread"))["conversations"]
    }
    shown: int = (await talker.get(f"/conversations/{conversation}"))["unread"]
    assert listed.get(conversation, 0) == shown
    return shown


async def _recounted(talker: Talker, conversation: str) -> int:
    """Count by hand, from what the person can see."""
    read = (await talker.get(f"/conversations/{conversation}"))["read_number"]
    messages = (await talker.get(f"/conversations/{conversation}/messages?limit=100"))["items"]
    return sum(
        message["number"] > read
        and message["deleted_at"] is None
        and message["sender_id"] != str(talker.user.id)
        for message in messages
    )
