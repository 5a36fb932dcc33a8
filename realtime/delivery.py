"""From a hint to the sockets: each connected person hears every event once and in order, whatever gets lost.

A hint that comes in its turn is passed on at once. One that comes too early waits a moment for those before it, and
then everything is pulled from `user_events`; so is, every few seconds, what nobody hinted at. Redis may vanish.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import socketio
import structlog
from engineio.exceptions import SocketIsClosedError
from engineio.packet import MESSAGE, Packet
from sqlalchemy.exc import SQLAlchemyError

from core.db import Database, run
from core.emit import Hint, Publisher
from core.ids import new_id
from core.tenancy import TenantContext
from core.user_events import wire_form
from realtime import queries
from realtime.connections import Connection, Connections
from realtime.farewell import hang_up
from realtime.frames import frame, frames
from realtime.inbox import Inbox

logger = structlog.get_logger(__name__)

LOOK_SECONDS = 3.0
"""How often everybody's number is looked up."""
PATIENCE_SECONDS = 0.1
"""How long an event that came too early waits for the ones before it."""
MOST_QUEUED = 500
"""Packets a socket may have waiting; more than any pull brings at once, so only who does not read gets there."""
MOST_PULLED = 200
"""Events of one person pulled at once; the rest follows with the next look."""

Person = tuple[UUID, UUID]
"""District and user: nobody is named without the district."""


class Delivery:
    """The inboxes of this node; `start` when the server starts, `close` when it ends."""

    def __init__(
        self, server: socketio.AsyncServer, database: Database, connections: Connections, publisher: Publisher
    ) -> None:
        self.node = str(new_id())
        self._server = server
        self._database = database
        self.connections = connections
        self._publisher = publisher
        self._inboxes: dict[Person, Inbox] = {}
        self._gap = asyncio.Event()
        self._cutting: dict[str, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._look_for_ever())

    async def close(self) -> None:
        """Stop looking and give back the publisher."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._publisher.close()

    async def publish(self, hint: Hint) -> None:
        """Tell this node's sockets at once, and the other nodes through Redis."""
        await self._tell(hint)
        told = Hint(hint.district_id, hint.event, hint.payload, hint.own, self.node)
        await self._publisher.publish(told)

    async def receive(self, text: bytes) -> None:
        """Tell this node's sockets what another program said. Raises UnreadableHintError."""
        hint = Hint.decode(text)
        if hint.origin != self.node:
            await self._tell(hint)

    def expect(self, connection: Connection) -> None:
        """Begin to keep what this person is told, from before the database says where they stand."""
        self._inboxes.setdefault(connection.person, Inbox())

    async def begin(self, connection: Connection, last_seq: int) -> None:
        """Pass on what comes after `last_seq`; the older rest is what the client asks for with `sync`."""
        inbox = self._inboxes.setdefault(connection.person, Inbox())
        await self._pass_on(connection.person, inbox.begin_at(last_seq))

    def forget(self, person: Person) -> None:
        """Keep nothing more for somebody whose last socket is gone."""
        if not self.connections.of(person):
            self._inboxes.pop(person, None)

    async def to_socket(self, connection: Connection, event: str, data: Mapping[str, Any]) -> None:
        """Tell one socket what concerns only it and need not last."""
        await self._send(connection, frame(event, data))

    async def catch_up(self, people: Iterable[Person]) -> None:
        """Pull what these people have not heard, a statement for each school, and pass it on."""
        by_context: dict[TenantContext, list[Person]] = defaultdict(list)
        for person in people:
            inbox, connections = self._inboxes.get(person), self.connections.of(person)
            if inbox is not None and inbox.last_seq is not None and connections:
                by_context[connections[0].school_context].append(person)
        for context, group in by_context.items():
            await self._pull(context, group)

    async def _tell(self, hint: Hint) -> None:
        for user_id, packet in frames(hint):
            person = (hint.district_id, user_id)
            inbox = self._inboxes.get(person)
            if inbox is None:
                continue
            seq = hint.own[user_id].get("seq")
            ready = [packet] if seq is None else inbox.take(seq, packet)
            await self._pass_on(person, ready)
            if inbox.is_behind:
                self._gap.set()

    async def _pass_on(self, person: Person, packets: list[str]) -> None:
        if packets:
            for connection in self.connections.of(person):
                for packet in packets:
                    await self._send(connection, packet)

    async def _send(self, connection: Connection, packet: str) -> None:
        """Queue a packet; whoever does not read what is queued is cut off, and will pull it when it comes again."""
        transport = self._server.eio.sockets.get(connection.transport_id)
        if transport is None or transport.closed:
            return
        if transport.queue.qsize() >= MOST_QUEUED:
            self._cut(connection)
            return
        with suppress(SocketIsClosedError):  # it has gone, and will ask for what it missed
            await transport.send(Packet(MESSAGE, data=packet))

    def _cut(self, connection: Connection) -> None:
        """Close a socket in the background: saying farewell to somebody who does not read takes a while."""
        if connection.socket_id not in self._cutting:
            logger.warning("slow_consumer_cut", user_id=str(connection.actor.user_id))
            task = asyncio.create_task(hang_up(self._server, connection.socket_id))
            self._cutting[connection.socket_id] = task
            task.add_done_callback(lambda _: self._cutting.pop(connection.socket_id, None))

    async def _pull(self, context: TenantContext, people: list[Person]) -> None:
        wanted = {
            "district_id": context.tenant.value,
            "users": [user_id for _, user_id in people],
            "after": [self._inboxes[person].last_seq for person in people],
            "limit": MOST_PULLED,
        }
        async with self._database.tenant_transaction(context) as session:
            rows = (await run(session, queries.EVENTS_AFTER, wanted)).all()
        found: dict[UUID, list[tuple[int, str]]] = defaultdict(list)
        for row in rows:
            packet = frame(row.name, wire_form(row.seq, row.payload, row.occurred_at))
            found[row.user_id].append((row.seq, packet))
        for person in people:
            if (inbox := self._inboxes.get(person)) is not None and person[1] in found:
                await self._pass_on(person, inbox.catch_up(found[person[1]]))

    async def _look_for_ever(self) -> None:
        next_look = time.monotonic() + LOOK_SECONDS
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, next_look - time.monotonic())):
                    await self._gap.wait()
                    await asyncio.sleep(PATIENCE_SECONDS)
            self._gap.clear()
            if is_due := time.monotonic() >= next_look:
                next_look = time.monotonic() + LOOK_SECONDS
            behind = [person for person, inbox in self._inboxes.items() if is_due or inbox.is_behind]
            try:
                await self.catch_up(behind)
            except (SQLAlchemyError, OSError) as error:
                logger.warning("events_not_pulled", error=type(error).__name__)
