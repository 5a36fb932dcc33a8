"""Two nodes behind nginx without sticky sessions, the official JavaScript client, and whatever goes wrong between."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import socketio

from tests.e2e.cast import (
    Cast,
    answer_rightly,
    enter_another_class,
    refusal,
    require_whole,
    short_quiz,
    somebody_elsewhere,
    told,
)
from tests.e2e.client import Socket, eventually, sign_in
from tests.e2e.listener import Listener
from tests.e2e.mailbox import Mailbox
from tests.e2e.nodes import Site, require_tools, running_site
from tests.e2e.story import PASSWORD, Story, approve_the_pending_student

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

CHAPTER = Path(__file__).parents[1] / "data" / "chapters" / "photosynthesis.txt"
A_MESSAGE = {"body": "Hello?", "client_id": str(uuid.uuid4())}
OF_A_CONVERSATION = {
    "message:send": A_MESSAGE,
    "message:read": {"up_to_message_id": str(uuid.uuid4())},
    "typing:start": {},
    "typing:stop": {},
}


@pytest.fixture(scope="module")
def site(stack: dict[str, Any], environment: Path) -> Iterator[Site]:
    require_tools()
    with running_site(stack, environment) as running:
        yield running


@pytest.fixture(scope="module")
def cast(site: Site, stack: dict[str, Any], mailbox: Mailbox) -> Iterator[Cast]:
    behind_nginx = {**stack, "base_url": site.url, "realtime_url": site.url}
    story, friend = Story(behind_nginx, mailbox), Story(behind_nginx, mailbox)
    teacher = story.teacher_registers()
    school_class = teacher.send("POST", "/classes", {"name": "Biology", "subject": "Science"})
    ids = {"class": school_class["id"], "teacher": teacher.send("GET", "/users/me")["id"]}
    ana = story.student_registers(school_class["code"])
    ids["ana"] = approve_the_pending_student(teacher, ids["class"])
    ben = friend.student_registers(school_class["code"])
    ids["ben"] = approve_the_pending_student(teacher, ids["class"])
    yield Cast(site, story, teacher, ana, ben, ids)
    friend.close()
    story.close()


@dataclass
class ShortLived:
    """Tabs whose first token lives for a minute: `renewed` was given a longer one, `left_alone` was not."""

    token: str
    renewed: Listener
    left_alone: Listener


@pytest.fixture(scope="module")
def short_lived(cast: Cast) -> Iterator[ShortLived]:
    """Asked for by the first test and again by the last, so that the minute passes while the others run."""
    email = f"student-{cast.story.mark}@school.example"
    hasty = sign_in({"base_url": cast.site.hasty.url}, email, PASSWORD)
    tokens = ((hasty.token, cast.ana.token), (hasty.token,))
    with ExitStack() as until_the_end:
        until_the_end.callback(hasty.close)
        tabs = [cast.on_the_first_node(*each) for each in tokens]  # the second one is killed on the way
        for tab in tabs:
            until_the_end.callback(tab.close)
        yield ShortLived(hasty.token, *tabs)


@pytest.fixture
def tabs() -> Iterator[list[Any]]:
    """What a test opens is closed when it ends."""
    opened: list[Any] = []
    yield opened
    for tab in reversed(opened):
        tab.close()


def test_the_last_minute_of_a_token_is_announced_and_a_new_one_is_taken_in_place(
    short_lived: ShortLived,
) -> None:
    for tab in (short_lived.renewed, short_lived.left_alone):
        assert "expires_at" in tab.wait_for("session:expiring")
    answer = short_lived.renewed.wait_for_state("refreshed")
    assert answer["data"]["expires_at"] > short_lived.renewed.wait_for("session:expiring")["expires_at"]


def test_the_work_of_a_class_is_heard_on_every_node(cast: Cast, tabs: list[Any]) -> None:
    teachers, anas = cast.teachers_tab(), cast.anas_tab()
    tabs += [teachers, anas]
    assert told(teachers.call("class:watch", {"class_id": cast.ids["class"]}))["enrolled"] == 2

    quiz = short_quiz(cast.teacher, cast.ids["class"])
    answer_rightly(cast.ana, quiz)
    assert anas.wait_for("answer:graded", assignment_id=quiz["id"])["verdict"] == "correct"
    assert anas.wait_for("grade:updated", assignment_id=quiz["id"])["score"] == "2.00"
    live = eventually(lambda: handed_in(teachers), 10, "the counters of the class", pause=0.05)
    assert (live["class_id"], live["assignments"][0]["correct"]) == (cast.ids["class"], 1)

    chess = enter_another_class(cast.teacher, cast.ana)
    assert anas.wait_for("enrollment:updated", class_id=chess)["status"] == "approved"
    require_whole(anas)


def handed_in(watching: Socket) -> dict[str, Any] | None:
    counted = [live for live in watching.all("class:live") if live["assignments"]]
    return next((live for live in counted if live["assignments"][0]["handed_in"] == 1), None)


def test_who_waits_for_a_job_hears_its_end(cast: Cast, tabs: list[Any]) -> None:
    teachers = Listener(cast.site.url, cast.teacher.token)
    tabs.append(teachers)
    wanted = {
        "class_id": cast.ids["class"],
        "source": {"text": CHAPTER.read_text(encoding="utf-8")},
        "counts": {"multiple_choice": 1, "free_response": 0},
    }
    started = cast.teacher.send(
        "POST", "/assignments/generate", wanted, headers={"Idempotency-Key": uuid.uuid4().hex}
    )
    assert teachers.wait_for("job:done", job_id=started["job_id"])["status"] == "succeeded"


def test_a_conversation_is_heard_by_both_and_by_the_senders_other_tab(cast: Cast, tabs: list[Any]) -> None:
    teachers, anas = cast.teachers_tab(), cast.anas_tab()
    phone = cast.on_the_first_node(cast.ana.token)
    tabs += [teachers, anas, phone]
    conversation = cast.ana.send("POST", "/messages/conversations", {"teacher_id": cast.ids["teacher"]})["id"]
    where = {"conversation_id": conversation}

    told(anas.ask("typing:start", where))
    teachers.wait_for("typing", user_id=cast.ids["ana"], is_typing=True, **where)
    told(anas.ask("typing:stop", where))
    teachers.wait_for("typing", user_id=cast.ids["ana"], is_typing=False, **where)

    client_id = str(uuid.uuid4())
    sent = [told(anas.send_message(conversation, "Is it due on Friday?", client_id)) for _ in range(2)]
    assert sent[0] == sent[1]
    for tab in (teachers, anas, phone):
        heard = tab.wait_for("message:new", client_id=client_id, **where)
        assert (heard["body"], heard["sender_id"], heard["number"]) == (
            "Is it due on Friday?",
            cast.ids["ana"],
            1,
        )
    assert teachers.wait_for("notification:new", kind="message_received")["related_id"] == conversation
    teachers.wait_for("badge", unread_messages=1)
    message = heard["message_id"]

    told(teachers.call("message:read", {**where, "up_to_message_id": message}))
    anas.wait_for(
        "message:read", user_id=cast.ids["teacher"], read_number=1, up_to_message_id=message, **where
    )
    teachers.wait_for("badge", unread_messages=0)
    assert cast.teacher.send("GET", "/messages/unread")["unread"] == 0

    reply = {"body": "On Monday.", "client_id": str(uuid.uuid4())}
    cast.teacher.send(
        "POST", f"/messages/conversations/{conversation}/messages", reply
    )  # over HTTP: heard all the same
    assert anas.wait_for("message:new", client_id=reply["client_id"])["number"] == 2

    url = f"/messages/conversations/{conversation}/messages/{message}"
    cast.ana.send("PATCH", url, {"body": "Is it due on Sunday?"}, headers={"If-Match": "*"})
    assert teachers.wait_for("message:edited", message_id=message)["body"] == "Is it due on Sunday?"
    cast.ana.send("DELETE", url)
    teachers.wait_for("message:deleted", message_id=message, number=1)
    assert len(anas.all("message:new")) == len(phone.all("message:new"))
    require_whole(anas)
    require_whole(phone)


def test_a_class_hears_its_teachers_announcement_and_talks_among_itself(cast: Cast, tabs: list[Any]) -> None:
    teachers, anas = cast.teachers_tab(), cast.anas_tab()
    bens = cast.on_the_first_node(cast.ben.token)
    tabs += [teachers, anas, bens]
    announced = {"class_id": cast.ids["class"], "body": "Bring a leaf."}
    cast.teacher.send("POST", "/messages/announcements", announced)
    heard = [tab.wait_for("message:new", body="Bring a leaf.") for tab in (anas, bens)]
    assert heard[0]["message_id"] == heard[1]["message_id"]
    assert anas.wait_for("notification:new", kind="announcement")["related_id"] == heard[0]["conversation_id"]
    reply = {"conversation_id": heard[0]["conversation_id"], "body": "Why?", "client_id": str(uuid.uuid4())}
    assert refusal(anas.ask("message:send", reply)) == "read_only_conversation"

    body = {"class_id": cast.ids["class"]}
    group = cast.teacher.send("POST", "/messages/conversations", body)["id"]
    client_id = str(uuid.uuid4())
    told(bens.send_message(group, "Which leaf?", client_id))
    for tab in (teachers, anas, bens):
        tab.wait_for("message:new", client_id=client_id, conversation_id=group)
    require_whole(anas)
    require_whole(bens)


def test_a_notification_shown_is_acknowledged_and_leaves_the_badge(cast: Cast, tabs: list[Any]) -> None:
    anas = cast.anas_tab()
    tabs.append(anas)
    quiz = short_quiz(cast.teacher, cast.ids["class"])
    notice = anas.wait_for("notification:new", kind="assignment_posted", related_id=quiz["id"])
    unread = cast.ana.send("GET", "/notifications/unread-count")["unread"]
    anas.wait_for("badge", unread_notifications=unread)
    answer = anas.ask("notification:ack", {"ids": [notice["id"], str(uuid.uuid4())]})
    assert told(answer)["ids"] == [notice["id"]]
    anas.wait_for("badge", unread_notifications=unread - 1)


def test_presence_is_seen_by_those_who_share_a_class(cast: Cast, tabs: list[Any]) -> None:
    foreign = somebody_elsewhere(cast)
    anas, stranger = cast.anas_tab(), Socket(cast.site.url, foreign.token)
    tabs += [anas, stranger, foreign]
    strangers_id = foreign.send("GET", "/users/me")["id"]
    people = [cast.ids["teacher"], cast.ids["ben"], strangers_id, str(uuid.uuid4())]
    states = told(anas.ask("presence:watch", {"user_ids": people}))["states"]
    assert states == {cast.ids["teacher"]: "offline", cast.ids["ben"]: "offline"}
    bens = cast.on_the_first_node(cast.ben.token)
    anas.wait_for("presence", user_id=cast.ids["ben"], state="online")
    bens.close()
    anas.wait_for("presence", user_id=cast.ids["ben"], state="offline")
    assert {data["user_id"] for data in anas.all("presence")} == {cast.ids["ben"]}


def test_who_may_not_come_in_learns_why(cast: Cast, tabs: list[Any]) -> None:
    forged = cast.ana.token[:-6] + "AAAAAA"
    for given in ((), ("",), ("x",), (forged,)):
        tab = Listener(cast.site.url, *given, wanted="refused")
        tabs.append(tab)
        assert tab.wait_for_state("refused")["code"] == "invalid_token"
    with pytest.raises(socketio.exceptions.ConnectionError):
        Socket(cast.site.url, forged)


def test_a_page_of_another_origin_and_long_polling_are_refused(cast: Cast, tabs: list[Any]) -> None:
    foreign = Listener(
        cast.site.url, cast.ana.token, wanted="away", extraHeaders={"Origin": "http://evil.example"}
    )
    tabs.append(foreign)
    assert foreign.wait_for_state("away")["code"] is None  # not even a handshake
    assert "connected" not in {state for state, _ in foreign.states}
    own = Listener(cast.site.url, cast.ana.token, extraHeaders={"Origin": cast.site.url})
    tabs.append(own)
    answer = httpx2.get(f"{cast.site.url}/socket.io/", params={"EIO": 4, "transport": "polling"})
    assert answer.status_code == 400
    polling = Listener(cast.site.url, cast.ana.token, wanted="away", transports=["polling"])
    tabs.append(polling)


def test_foreign_classes_and_unknown_events_are_like_those_of_nobody(cast: Cast, tabs: list[Any]) -> None:
    foreign = somebody_elsewhere(cast)
    anas, strangers = cast.anas_tab(), Socket(cast.site.url, foreign.token)
    tabs += [anas, strangers, foreign]
    answers = [
        strangers.call("class:watch", {"class_id": class_id})
        for class_id in (cast.ids["class"], str(uuid.uuid4()))
    ]
    assert answers[0] == answers[1]
    assert refusal(answers[0]) == "not_found"
    assert refusal(anas.ask("class:watch", {"class_id": cast.ids["class"]})) == "forbidden"
    assert refusal(anas.ask("no:such", {})) == "unknown_event"
    assert refusal(anas.ask("sync", {"after_seq": "all"})) == "invalid_input"


def test_foreign_conversations_are_like_those_of_nobody(cast: Cast, tabs: list[Any]) -> None:
    conversation = cast.ana.send("POST", "/messages/conversations", {"teacher_id": cast.ids["teacher"]})["id"]
    foreign = somebody_elsewhere(cast)
    classmate, stranger = Socket(cast.site.url, cast.ben.token), Socket(cast.site.url, foreign.token)
    tabs += [classmate, stranger, foreign]
    for tab in (classmate, stranger):
        for event, more in OF_A_CONVERSATION.items():
            theirs, nobodys = [
                tab.call(event, {"conversation_id": which, **more})
                for which in (conversation, str(uuid.uuid4()))
            ]
            assert theirs == nobodys
            assert refusal(theirs) == "not_found"


def test_a_killed_node_costs_nothing_but_the_way_round(cast: Cast, tabs: list[Any]) -> None:
    """Events go on while nobody listens; the client comes back through the other node and has each one once.

    What it was sending when the node died arrives once, too.
    """
    first, second = cast.site.nodes
    teachers, anas = cast.teachers_tab(), cast.anas_tab()
    tabs += [teachers, anas]
    conversation = cast.ana.send("POST", "/messages/conversations", {"teacher_id": cast.ids["teacher"]})["id"]
    before, client_id = len(anas.states), str(uuid.uuid4())
    second.kill()
    try:
        told(anas.send_message(conversation, "Did this arrive?", client_id))
        missed = [enter_another_class(cast.teacher, cast.ana) for _ in range(2)]
        anas.wait_for_state("synced", after=before)
        later = enter_another_class(cast.teacher, cast.ana)
        for class_id in (*missed, later):
            anas.wait_for("enrollment:updated", class_id=class_id)
        assert anas.states[before][0] == "away"
        assert first.callers >= 2
        assert teachers.is_connected
        teachers.wait_for("message:new", client_id=client_id)
        for tab in (teachers, anas):
            assert [heard["client_id"] for heard in tab.all("message:new")].count(client_id) == 1
        require_whole(anas)
    finally:
        second.start()
        second.wait_until_ready()


def test_a_connection_lost_again_and_again_shows_everything_once(cast: Cast, tabs: list[Any]) -> None:
    anas = cast.anas_tab()
    tabs.append(anas)
    classes = []
    for _ in range(4):
        before = len(anas.states)
        anas.cut()
        classes.append(enter_another_class(cast.teacher, cast.ana))
        anas.wait_for_state("synced", after=before)
    heard = [data["class_id"] for data in anas.all("enrollment:updated") if data["class_id"] in classes]
    assert heard == classes
    require_whole(anas)


def test_a_client_whose_past_is_not_kept_is_told_to_load_its_pages_anew(cast: Cast, tabs: list[Any]) -> None:
    anas = Listener(cast.site.url, cast.ana.token, last_seq=1_000_000)
    tabs.append(anas)
    place = anas.wait_for_state("resync")["seq"]
    chess = enter_another_class(cast.teacher, cast.ana)
    anas.wait_for("enrollment:updated", class_id=chess)
    assert anas.numbers == list(range(place + 1, place + 1 + len(anas.numbers)))


def test_signing_out_everywhere_hangs_up_on_every_node(cast: Cast, tabs: list[Any]) -> None:
    """Within five seconds; and the token is worth nothing any more, though it has not expired."""
    friend = Story(cast.story.stack, cast.story.mailbox)
    tabs.append(friend)
    code = cast.teacher.send("GET", f"/classes/{cast.ids['class']}")["code"]
    carla = friend.student_registers(code)
    open_tabs = [
        cast.site.open_on(node, lambda: Listener(cast.site.url, carla.token)) for node in cast.site.nodes
    ]
    tabs += open_tabs
    carla.send("POST", "/auth/logout-all")
    for tab in open_tabs:
        tab.wait_for_state("ended", seconds=5)
    again = Listener(cast.site.url, carla.token, wanted="refused")
    tabs.append(again)
    assert again.wait_for_state("refused")["code"] == "session_ended"


def test_a_socket_ends_with_its_token_unless_it_was_given_another(
    cast: Cast, short_lived: ShortLived, tabs: list[Any]
) -> None:
    short_lived.left_alone.wait_for_state("ended", seconds=65)
    assert {state for state, _ in short_lived.renewed.states} == {"connected", "synced", "refreshed"}
    assert told(short_lived.renewed.ask("sync", {"after_seq": 0}))["events"]
    late = Listener(cast.site.url, short_lived.token, wanted="refused")
    tabs.append(late)
    assert late.wait_for_state("refused")["code"] == "invalid_token"
