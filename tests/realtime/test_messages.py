"""Writing, reading and being seen writing over sockets: the rules of the API, told to who is in the conversation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.config import Settings
from core.ids import new_id
from core.keys import KeyRing
from core.models import (
    ClassEnrollment,
    ConsentDecision,
    ConsentScope,
    Conversation,
    EnrollmentStatus,
    Message,
    User,
    UserEvent,
)
from core.tokens import issue_access_token
from tests.factories.consent import make_consent
from tests.factories.user import actor_of
from tests.factories.world import SchoolBench, make_district_bench
from tests.realtime.socket_client import SocketClient

Connected = Callable[..., SocketClient]


@pytest.fixture
def school(rows: Session) -> SchoolBench:
    return make_district_bench(rows).schools[0]


async def wait_for(client: SocketClient, name: str) -> dict[str, Any]:
    """Return the next event of this name; others before it are passed over."""
    while True:
        heard, data = await client.next_event()
        if heard == name:
            return data


async def heard_until_now(client: SocketClient) -> list[str]:
    """The names of everything that has arrived."""
    await client.ask("sync", {"after_seq": 0})
    return [client.events.get_nowait()[0] for _ in range(client.events.qsize())]


def message_for(conversation: Conversation, body: str = "See you at eight") -> dict[str, str]:
    return {"conversation_id": str(conversation.id), "body": body, "client_id": str(new_id())}


async def test_a_message_reaches_both_people_and_the_senders_other_device(
    school: SchoolBench, connected: Connected
) -> None:
    async with (
        connected(school.student) as phone,
        connected(school.student) as laptop,
        connected(school.teacher) as teacher,
        connected(school.classmate) as classmate,
    ):
        sent = message_for(school.direct, " See you at eight\u202e ")
        answer = await phone.ask("message:send", sent)
        assert answer["ok"] is True
        for client in (phone, laptop, teacher):
            heard = await wait_for(client, "message:new")
            assert {name: heard[name] for name in answer["data"]} == answer["data"]
            assert (heard["body"], heard["client_id"]) == ("See you at eight", sent["client_id"])
            assert heard["seq"] >= 1
        assert (await wait_for(teacher, "notification:new"))["kind"] == "message_received"
        assert "message:new" not in await heard_until_now(classmate)


async def test_a_message_asked_for_again_is_the_same_one(
    rows: Session, school: SchoolBench, connected: Connected
) -> None:
    sent = message_for(school.direct)
    async with connected(school.student) as client:
        answers = [await client.ask("message:send", sent) for _ in range(3)]
        other = await client.ask("message:send", {**sent, "body": "Another text"})
    assert answers[0]["ok"] is True
    assert answers[1:] == answers[:1] * 2
    assert other["error"]["code"] == "client_id_reused"
    statement = select(Message).where(Message.client_id == sent["client_id"])
    assert len(rows.scalars(statement).all()) == 1


async def test_what_is_read_is_seen_by_the_other_person(school: SchoolBench, connected: Connected) -> None:
    async with connected(school.student) as student, connected(school.teacher) as teacher:
        sent = (await teacher.ask("message:send", message_for(school.direct)))["data"]
        read = {"conversation_id": str(school.direct.id), "up_to_message_id": sent["message_id"]}
        answer = await student.ask("message:read", read)
        assert answer == {"ok": True, "data": {"read_number": sent["number"]}}
        heard = await wait_for(teacher, "message:read")
        assert (heard["user_id"], heard["read_number"]) == (str(school.student.id), sent["number"])


async def test_typing_is_seen_by_the_others_and_kept_nowhere(
    rows: Session, school: SchoolBench, connected: Connected
) -> None:
    where = {"conversation_id": str(school.class_conversation.id)}
    async with (
        connected(school.student) as student,
        connected(school.teacher) as teacher,
        connected(school.other_student) as stranger,
    ):
        for event, is_typing in (("typing:start", True), ("typing:stop", False)):
            assert await student.ask(event, where) == {"ok": True, "data": {}}
            heard = await wait_for(teacher, "typing")
            assert heard == {**where, "user_id": str(school.student.id), "is_typing": is_typing}
        assert "typing" not in await heard_until_now(student)
        assert "typing" not in await heard_until_now(stranger)
    assert rows.scalars(select(UserEvent).where(UserEvent.name == "typing")).all() == []


async def test_nobody_is_seen_typing_among_announcements(
    rows: Session, school: SchoolBench, connected: Connected
) -> None:
    announcements = (
        rows.query(Conversation).filter_by(class_id=school.school_class.id, kind="announcements").one()
    )
    where = {"conversation_id": str(announcements.id)}
    async with connected(school.teacher) as teacher, connected(school.student) as student:
        for client in (teacher, student):
            answer = await client.ask("typing:start", where)
            assert answer["error"]["code"] == "read_only_conversation"
        refused = await student.ask("message:send", message_for(announcements))
        assert refused["error"]["code"] == "read_only_conversation"
        assert (await teacher.ask("message:send", message_for(announcements)))["ok"] is True
        assert (await wait_for(student, "notification:new"))["kind"] == "announcement"


def _asked_of(school: SchoolBench) -> dict[str, dict[str, str]]:
    """Each event about the conversation of teacher and student."""
    where = {"conversation_id": str(school.direct.id)}
    return {
        "message:send": message_for(school.direct),
        "message:read": {**where, "up_to_message_id": str(school.direct_message.id)},
        "typing:start": where,
        "typing:stop": where,
    }


@pytest.mark.parametrize("who", ["classmate", "other_student", "other_teacher", "neighbour"])
async def test_a_conversation_of_others_is_not_found(
    rows: Session, school: SchoolBench, connected: Connected, who: str
) -> None:
    stranger: User = (
        make_district_bench(rows).schools[0].teacher if who == "neighbour" else getattr(school, who)
    )
    async with connected(stranger) as client, connected(school.teacher) as teacher:
        for event, body in _asked_of(school).items():
            answer = await client.ask(event, body)
            assert (answer["ok"], answer["error"]["code"]) == (False, "not_found"), event
        assert await heard_until_now(teacher) == []


async def test_who_leaves_the_class_while_connected_hears_and_says_nothing_more(
    rows: Session, school: SchoolBench, connected: Connected
) -> None:
    async with connected(school.student) as student, connected(school.teacher) as teacher:
        assert (await student.ask("message:send", message_for(school.class_conversation)))["ok"] is True
        await wait_for(student, "message:new")
        rows.query(ClassEnrollment).filter_by(student_id=school.student.id).update(
            {"status": EnrollmentStatus.REMOVED}
        )
        rows.flush()
        refused = await student.ask("message:send", message_for(school.class_conversation))
        assert refused["error"]["code"] == "not_found"
        closed = await student.ask("message:send", message_for(school.direct))
        assert closed["error"]["code"] == "conversation_closed"
        typing = await student.ask("typing:start", {"conversation_id": str(school.direct.id)})
        assert typing["error"]["code"] == "conversation_closed"
        await heard_until_now(student)
        await teacher.ask("message:send", message_for(school.class_conversation))
        assert "message:new" not in await heard_until_now(student)


async def test_a_child_writes_and_reads_only_while_a_guardian_consents(
    *, rows: Session, school: SchoolBench, realtime_url: str, settings: Settings, keys: KeyRing
) -> None:
    child = replace(actor_of(school.student), needs_consent=True)
    token = issue_access_token(child, keys, issuer=settings.issuer, now=datetime.now(UTC), minutes=10)
    async with SocketClient(realtime_url, token) as client:
        for event, body in _asked_of(school).items():
            assert (await client.ask(event, body))["ok"] is True, event
        make_consent(rows, school.student, ConsentScope.COLLECTION, ConsentDecision.REVOKED)
        before = len(rows.scalars(select(Message)).all())
        for event, body in _asked_of(school).items():
            answer = await client.ask(event, body)
            assert answer["error"]["code"] == "consent_required", event
    assert len(rows.scalars(select(Message)).all()) == before
