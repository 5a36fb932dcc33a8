"""Unread, for many people by one statement, is what counting each one's messages by hand gives."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import Database
from core.messages.unread import count_unread, unread_by_conversation
from core.models import Conversation, ConversationRead, Message, User
from tests.factories.message import make_message, make_read
from tests.factories.user import actor_of
from tests.factories.world import SchoolBench, make_district_bench


@pytest.fixture
def school(rows: Session) -> SchoolBench:
    return make_district_bench(rows).schools[0]


async def test_many_people_are_counted_at_once(
    rows: Session, school: SchoolBench, database: Database
) -> None:
    for writer in (school.teacher, school.student, school.classmate, school.teacher):
        make_message(rows, school.class_conversation, writer)
    deleted = make_message(rows, school.class_conversation, school.teacher)
    deleted.deleted_at = datetime.now(UTC)
    rows.flush()
    make_read(rows, school.own_message, school.classmate)
    people = [school.teacher, school.student, school.classmate, school.other_student, school.newcomer]
    by_hand = {person.id: _by_hand(rows, school, person) for person in people}
    async with database.tenant_transaction(actor_of(school.teacher).context) as session:
        counted = await count_unread(
            session, actor_of(school.teacher).tenant, [person.id for person in people]
        )
        alone = await unread_by_conversation(session, actor_of(school.student).tenant, school.student.id)
    assert {person.id: counted.get(person.id, 0) for person in people} == by_hand
    assert by_hand[school.classmate.id] == 3 + 1  # and an announcement
    assert by_hand[school.other_student.id] == by_hand[school.newcomer.id] == 0
    assert sum(alone.values()) == by_hand[school.student.id]


def _by_hand(rows: Session, school: SchoolBench, person: User) -> int:
    """Count what others wrote after what this person has read, where the bench says they are."""
    of_class = list(
        rows.scalars(select(Conversation.id).where(Conversation.class_id == school.school_class.id))
    )
    places = {
        school.teacher.id: [school.direct.id, *of_class],
        school.student.id: [school.direct.id, *of_class],
        school.classmate.id: of_class,
    }
    reads = rows.scalars(select(ConversationRead).where(ConversationRead.user_id == person.id))
    read = {one.conversation_id: one.read_number for one in reads}
    return sum(
        message.sender_id != person.id
        and message.deleted_at is None
        and message.number > read.get(message.conversation_id, 0)
        for message in rows.scalars(select(Message))
        if message.conversation_id in places.get(person.id, [])
    )


async def test_nobody_asked_for_is_nobody_counted(school: SchoolBench, database: Database) -> None:
    async with database.tenant_transaction(actor_of(school.teacher).context) as session:
        assert await count_unread(session, actor_of(school.teacher).tenant, []) == {}


async def test_another_district_counts_nothing_of_this_one(
    rows: Session, school: SchoolBench, database: Database
) -> None:
    stranger = make_district_bench(rows).schools[0].teacher
    async with database.tenant_transaction(actor_of(stranger).context) as session:
        assert await count_unread(session, actor_of(stranger).tenant, [school.teacher.id]) == {}
        foreign = await count_unread(session, actor_of(school.teacher).tenant, [school.teacher.id])
    assert foreign == {}  # even where a program named the wrong tenant, the walls stand
