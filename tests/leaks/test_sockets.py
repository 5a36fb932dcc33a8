"""Every client event with foreign ids: the answer of an id of nobody's, nothing written, nothing heard (A16)."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from core.config import Settings
from core.db import Database
from core.ids import new_id
from core.keys import KeyRing
from core.models import Notification, User
from core.tokens import issue_access_token
from core.user_events import UserEventDraft, record_user_event
from realtime.client_events import CLIENT_EVENTS
from tests.factories.user import actor_of
from tests.factories.world import World
from tests.leaks.bench import ATTACKERS, Attacker, secrets, target
from tests.realtime.conftest import running_realtime
from tests.realtime.socket_client import SocketClient

SIGNED_IN = [attacker for attacker in ATTACKERS if attacker.name != "anonymous"]
ID_OF = {
    "class:watch": lambda world, identifier: {
        "class_id": identifier or str(target(world)[1].school_class.id)
    },
    "notification:ack": lambda world, identifier: {
        "ids": [identifier or str(target(world)[1].notification.id)]
    },
}
TAKES_NO_ID = {"sync", "session:refresh", "presence:active"}


def of_conversation(**more: Any) -> Any:
    """The body of an event about a conversation; in the neutral one every id is nobody's."""
    return lambda world, identifier: {
        "conversation_id": identifier or str(target(world)[1].class_conversation.id),
        **{name: value(world, identifier) for name, value in more.items()},
    }


ID_OF |= {
    "message:send": of_conversation(body=lambda *_: "Hello", client_id=lambda *_: str(new_id())),
    "message:read": of_conversation(
        up_to_message_id=lambda world, identifier: identifier or str(target(world)[1].own_message.id)
    ),
    "presence:watch": lambda world, identifier: {
        "user_ids": [identifier or str(target(world)[1].student.id)]
    },
    "typing:start": of_conversation(),
    "typing:stop": of_conversation(),
}


@pytest.fixture(scope="module")
def realtime_url(
    settings: Settings, keys: KeyRing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with running_realtime(settings, tmp_path_factory.mktemp("realtime") / "server.log") as url:
        yield url


def test_every_event_that_takes_an_id_is_attacked() -> None:
    assert set(CLIENT_EVENTS) == set(ID_OF) | TAKES_NO_ID


def token_of(user: User, keys: KeyRing, settings: Settings) -> str:
    now = datetime.now(UTC)
    return issue_access_token(actor_of(user), keys, issuer=settings.issuer, now=now, minutes=10)


@pytest.mark.parametrize("attacker", SIGNED_IN, ids=lambda attacker: attacker.name)
async def test_a_foreign_id_is_answered_like_an_id_of_nobodys(
    *, realtime_url: str, attacked: World, keys: KeyRing, settings: Settings, attacker: Attacker
) -> None:
    user = attacker.user(attacked)
    assert user is not None
    async with SocketClient(realtime_url, token_of(user, keys, settings)) as client:
        for event, body_of in ID_OF.items():
            foreign = await client.ask(event, body_of(attacked, None))
            assert foreign == await client.ask(event, body_of(attacked, str(new_id()))), event
        told = str(await client.ask("sync", {"after_seq": 0})).lower()
    assert [secret for secret in secrets(attacker, attacked) if secret in told] == []


async def test_nobody_hears_what_another_is_told(
    *, realtime_url: str, attacked: World, keys: KeyRing, settings: Settings, database: Database
) -> None:
    student = target(attacked)[1].student
    users: dict[str, User] = {attacker.name: attacker.user(attacked) for attacker in SIGNED_IN}  # type: ignore[misc]
    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(SocketClient(realtime_url, token_of(student, keys, settings)))
        others = {
            name: await stack.enter_async_context(SocketClient(realtime_url, token_of(user, keys, settings)))
            for name, user in users.items()
        }
        draft = UserEventDraft("grade:updated", {"points": "1.00"}, datetime.now(UTC), student.school_id)
        async with database.tenant_transaction(actor_of(student).context) as session:
            await record_user_event(session, [student.id], draft)
        heard: tuple[str, dict[str, Any]] = await own.next_event()
        assert heard[0] == "grade:updated"
        assert [name for name, client in others.items() if not await client.hears_nothing_more()] == []


async def test_a_foreign_notification_stays_unread(
    *, realtime_url: str, attacked: World, keys: KeyRing, settings: Settings, database: Database
) -> None:
    school = target(attacked)[1]
    attacker = school.classmate
    async with SocketClient(realtime_url, token_of(attacker, keys, settings)) as client:
        answer = await client.ask("notification:ack", {"ids": [str(school.notification.id)]})
    assert answer["data"] == {"ids": []}
    async with database.tenant_transaction(actor_of(school.student).context) as session:
        key = (school.notification.district_id, school.notification.id)
        assert (await session.get_one(Notification, key)).read_at is None
