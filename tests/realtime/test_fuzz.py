"""Every client event with foreign ids and nonsense: refused with a code, heard by nobody, and the server goes on.

`FUZZ` is how many events are sent (`make soak`: 10,000).
"""

import os
import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from core.config import Settings
from core.ids import new_id
from realtime.client_events import CLIENT_EVENTS
from tests.factories.world import SchoolBench, World
from tests.realtime.conftest import Tokens, running_realtime
from tests.realtime.socket_client import SocketClient

EVENTS = int(os.environ.get("FUZZ", "500"))
SENT_BY_ONE_SOCKET = 15
"""Below the burst a socket is allowed: what is refused for its speed proves nothing."""

_NONSENSE: list[Any] = [
    *(None, True, 0, -1, 2**63, 1e308, [], {}, [None]),
    *("", "x", "\x00", "\ud83d", "../../etc", "' OR 1=1 --", "x" * 9000),
]


def a_body(event: str, foreign: list[str], chance: random.Random) -> Any:
    """Draw a body: fields of the event's own with foreign ids or nonsense in them, or no object at all."""
    if chance.random() < 0.15:
        return chance.choice(_NONSENSE)
    drawn: dict[str, Any] = {}
    for name in CLIENT_EVENTS[event].body.model_fields:
        value: Any = chance.choice(foreign) if chance.random() < 0.7 else chance.choice(_NONSENSE)
        drawn[name] = [value] * chance.randint(1, 3) if name.endswith("ids") else value
    if "body" in drawn and chance.random() < 0.7:
        drawn["body"] = "Hello"
    if "client_id" in drawn:
        drawn["client_id"] = str(new_id())
    if chance.random() < 0.1:
        drawn["district_id"] = chance.choice(foreign)
    return drawn


def ids_of(school: SchoolBench) -> list[str]:
    rows = [
        *(
            school.class_conversation,
            school.direct,
            school.own_message,
            school.direct_message,
            school.notification,
        ),
        *(school.school_class, school.student, school.teacher, school.classmate),
    ]
    return [str(row.id) for row in rows]


@pytest.mark.timeout(3600)
async def test_foreign_and_malformed_events_reach_nobody_and_break_nothing(
    *, world: World, settings: Settings, tokens: Tokens, tmp_path: Path
) -> None:
    here, there = world.districts
    attacker, chance = here.schools[0].other_student, random.Random(11)
    victims = [here.schools[0], here.schools[1], there.schools[0]]
    foreign = [identifier for school in victims for identifier in ids_of(school)]
    log = tmp_path / "server.log"
    waits: list[float] = []
    with running_realtime(settings, log) as url:
        async with AsyncExitStack() as stack:
            listeners = [
                await stack.enter_async_context(SocketClient(url, tokens.of(person)))
                for school in victims
                for person in (school.student, school.teacher)
            ]
            for _ in range(0, EVENTS, SENT_BY_ONE_SOCKET):
                await _attack(lambda: SocketClient(url, tokens.of(attacker)), foreign, chance)
                waits.append(await _answered(chance.choice(listeners)))
            assert [await listener.hears_nothing_more() for listener in listeners] == [True] * len(listeners)
    assert "socket_event_failed" not in log.read_text()
    waits.sort()
    print(f"\n{EVENTS} events; others' acknowledgements: p99 {waits[int(len(waits) * 0.99)] * 1000:.0f} ms")  # noqa: T201


async def _attack(connect: Callable[[], SocketClient], foreign: list[str], chance: random.Random) -> None:
    """One socket's share; nothing of it may change or tell anything."""
    async with connect() as client:
        for _ in range(SENT_BY_ONE_SOCKET):
            event = chance.choice(sorted(CLIENT_EVENTS))
            answer = await client.ask(event, a_body(event, foreign, chance))
            assert answer["ok"] is False or not _tells(answer["data"], foreign), (event, answer)


def _tells(data: dict[str, Any], foreign: list[str]) -> bool:
    return any(identifier in str(data) for identifier in foreign)


async def _answered(client: SocketClient) -> float:
    """Return how long another client waits for an answer, in seconds."""
    started = time.perf_counter()
    assert (await client.ask("presence:watch", {"user_ids": []}))["ok"] is True
    return time.perf_counter() - started
