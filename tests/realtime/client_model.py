"""A client as it should be: a first look over HTTP, then events alone; at the end it knows what a fresh look shows.

The order matters. `sync` first says how far the person's stream has come; the look that follows holds everything up
to there, and perhaps more. Then events are taken in the order of `seq`, each once; what the look had already is known
by its message's number or its notification's conversation.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx2
from websockets.exceptions import WebSocketException

from core.models import User
from tests.realtime.socket_client import HandshakeRefusedError, SocketClient

_PAUSE_SECONDS = 0.1


class Look:
    """What a person sees: messages by conversation and number, how far they have read, and unread notifications."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[int, tuple[str, str | None]]] = {}
        self.read: dict[str, int] = {}
        self.notifications: dict[str, int] = {}

    @property
    def unread(self) -> dict[str, list[int]]:
        """The numbers that nobody has read, of each conversation: whoever wrote is named beside each text."""
        return {
            conversation: sorted(
                number
                for number, (sender, body) in messages.items()
                if number > self.read.get(conversation, 0) and body is not None and sender != "me"
            )
            for conversation, messages in self.messages.items()
        }

    def as_tuple(self) -> tuple[Any, ...]:
        return self.messages, self.unread, self.notifications


async def look(user: User, client: httpx2.AsyncClient) -> Look:
    """Return what the pages show now."""
    seen = Look()
    for conversation in await _all(client, "/api/v1/messages/conversations"):
        identifier = conversation["id"]
        seen.read[identifier] = conversation["read_number"]
        seen.messages[identifier] = {
            message["number"]: (
                "me" if message["sender_id"] == str(user.id) else message["sender_id"],
                message["body"],
            )
            for message in await _all(client, f"/api/v1/messages/conversations/{identifier}/messages")
        }
    for notification in await _all(client, "/api/v1/notifications", unread="true"):
        if notification["related_type"] == "conversation":
            seen.notifications[notification["related_id"]] = notification["occurrences"]
    return seen


def _author(user: User, message: dict[str, Any]) -> str:
    return "me" if message["sender_id"] == str(user.id) else message["sender_id"]


async def _all(client: httpx2.AsyncClient, path: str, **wanted: str) -> list[Any]:
    items, cursor = [], None
    while True:
        answer = await client.get(
            path, params={"limit": "100", **wanted, **({"cursor": cursor} if cursor else {})}
        )
        assert answer.status_code == 200, answer.text
        items += answer.json()["data"]["items"]
        cursor = answer.json()["data"]["next_cursor"]
        if cursor is None:
            return items


class Follower:
    """One person's client, which comes back through any node and remembers where it was."""

    def __init__(self, user: User, token: str, nodes: Callable[[], list[str]]) -> None:
        self.user = user
        self.seen = Look()
        self.last_seq = self.began_after = 0
        self.shown: list[int] = []
        self.caught_up_at = 0.0
        self._token = token
        self._nodes = nodes
        self._socket: SocketClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._turn = 0

    async def begin(self, client: httpx2.AsyncClient) -> None:
        """Learn how far the stream is, look once, and follow from there."""
        async with SocketClient(self._nodes()[0], self._token) as socket:
            answer = await socket.ask("sync", {"after_seq": 0})
        self.last_seq = self.began_after = answer["data"]["next_seq"]
        self.seen = await look(self.user, client)
        self._task = asyncio.create_task(self._follow_for_ever())

    async def end(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def cut(self) -> None:
        """Lose the connection, as a phone in a tunnel does."""
        if self._socket is not None:
            self._socket.lose()

    async def _follow_for_ever(self) -> None:
        while True:
            with suppress(OSError, WebSocketException, HandshakeRefusedError, TimeoutError, AssertionError):
                await self._follow()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _follow(self) -> None:
        """Follow until the connection ends."""
        nodes = self._nodes()
        self._turn += 1
        async with SocketClient(nodes[self._turn % len(nodes)], self._token) as socket:
            self._socket = socket
            await self._catch_up(socket)
            while not (socket.closed.is_set() and socket.events.empty()):
                with suppress(TimeoutError):
                    name, event = await asyncio.wait_for(socket.events.get(), _PAUSE_SECONDS)
                    await self._take(socket, name, event)

    async def _take(self, socket: SocketClient, name: str, event: dict[str, Any]) -> None:
        if "seq" not in event or event["seq"] <= self.last_seq:
            return
        if event["seq"] > self.last_seq + 1:
            await self._catch_up(socket)
            return
        self._show(name, event)

    async def _catch_up(self, socket: SocketClient) -> None:
        more = True
        while more:
            answer = await socket.ask("sync", {"after_seq": self.last_seq})
            assert answer["ok"] is True, answer
            for event in answer["data"]["events"]:
                if event["seq"] > self.last_seq:
                    self._show(event["name"], event)
            more = answer["data"]["more"]

    def _show(self, name: str, event: dict[str, Any]) -> None:
        self.last_seq = event["seq"]
        self.shown.append(event["seq"])
        self.caught_up_at = time.monotonic()
        conversation = event.get("conversation_id") or event.get("related_id")
        messages = self.seen.messages.setdefault(conversation, {}) if "conversation_id" in event else {}
        if name == "message:new":
            sender = "me" if event["sender_id"] == str(self.user.id) else event["sender_id"]
            messages.setdefault(event["number"], (sender, event["body"]))
        elif (
            name in {"message:edited", "message:deleted"}
            and messages.get(event["number"], ("", None))[1] is not None
        ):
            messages[event["number"]] = (messages[event["number"]][0], event.get("body"))
        elif name == "message:read" and event["user_id"] == str(self.user.id):
            self.seen.read[conversation] = max(self.seen.read.get(conversation, 0), event["read_number"])
            self.seen.notifications.pop(conversation, None)
        elif name == "notification:new" and event["related_type"] == "conversation":
            self.seen.notifications[conversation] = event["occurrences"]
