"""Every socket event as everybody: the acknowledgement is what the permission table says."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from core.ids import new_id
from core.keys import KeyRing
from core.permissions import relation_of
from realtime.client_events import CLIENT_EVENTS
from tests.callers import ANONYMOUS, CALLERS, Caller
from tests.factories.world import World, make_world
from tests.realtime.conftest import Tokens
from tests.realtime.socket_client import HandshakeRefusedError, SocketClient

pytestmark = pytest.mark.any_engine

EVERYBODY_ELSE = [caller for caller in CALLERS if caller is not ANONYMOUS]
NAMES_A_ROW = {"class:watch", "message:send", "message:read", "typing:start", "typing:stop"}
"""Events about a row that may be somebody else's. An acknowledgement answers id by id, the others name no row."""


@pytest.fixture(scope="module")
def standing_world(rows: Session, keys: KeyRing) -> World:
    return make_world(rows, keys)


def body_of(event: str, world: World, token: str) -> dict[str, object]:
    school = world.districts[0].schools[0]
    conversation: dict[str, object] = {"conversation_id": str(school.class_conversation.id)}
    bodies: dict[str, dict[str, object]] = {
        "message:send": {**conversation, "body": "Hello", "client_id": str(new_id())},
        "message:read": {**conversation, "up_to_message_id": str(school.own_message.id)},
        "typing:start": conversation,
        "typing:stop": conversation,
        "presence:watch": {"user_ids": [str(school.student.id)]},
        "presence:active": {},
        "class:watch": {"class_id": str(school.school_class.id)},
        "notification:ack": {"ids": [str(school.notification.id)]},
        "sync": {"after_seq": 0},
        "session:refresh": {"token": token},
    }
    return bodies[event]


def expected_code(event: str, caller: Caller) -> str | None:
    """The error's code; None where the event is answered."""
    assert caller.role is not None
    relation = relation_of(caller.role, CLIENT_EVENTS[event].permission)
    if relation is None:
        return "forbidden"
    if event == "message:read":
        return None if caller.is_in_the_class else "not_found"
    return "not_found" if event in NAMES_A_ROW and relation not in caller.related else None


@pytest.mark.parametrize("event", sorted(CLIENT_EVENTS))
@pytest.mark.parametrize("caller", EVERYBODY_ELSE, ids=lambda caller: caller.name)
async def test_an_event_is_answered_as_the_table_says(
    *,
    connected: Callable[..., SocketClient],
    standing_world: World,
    tokens: Tokens,
    caller: Caller,
    event: str,
) -> None:
    user = caller.person(standing_world)
    assert user is not None
    async with connected(user) as client:
        answer = await client.ask(event, body_of(event, standing_world, tokens.of(user)))
    code = expected_code(event, caller)
    assert answer.get("error", {}).get("code") == code
    assert answer["ok"] is (code is None)


async def test_nobody_has_a_socket_without_a_token(realtime_url: str) -> None:
    with pytest.raises(HandshakeRefusedError):
        async with SocketClient(realtime_url, None):
            pass
