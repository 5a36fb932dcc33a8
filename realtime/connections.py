"""The sockets of this process: who each one speaks for, and until when."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.tenancy import Actor
from core.tokens import VerifiedToken
from realtime.token_bucket import TokenBucket


def _full_bucket() -> TokenBucket:
    return TokenBucket(time.monotonic())


@dataclass(slots=True)
class Connection:
    """One socket after its handshake. `watch` is the task that ends it when its token expires."""

    socket_id: str
    actor: Actor
    expires_at: datetime
    bucket: TokenBucket = field(default_factory=_full_bucket)
    watch: asyncio.Task[None] | None = None
    watching: set[UUID] = field(default_factory=set)
    """Classes whose counters it hears."""

    def renew(self, token: VerifiedToken) -> None:
        """Live on with a fresh token of the same person."""
        self.actor = token.actor
        self.expires_at = token.expires_at

    def end_watch(self) -> None:
        if self.watch is not None and self.watch is not asyncio.current_task():
            self.watch.cancel()


class Connections:
    """Every connected socket of this process by its id."""

    def __init__(self) -> None:
        self._by_socket: dict[str, Connection] = {}

    def add(self, connection: Connection) -> None:
        self._by_socket[connection.socket_id] = connection

    def get(self, socket_id: str) -> Connection | None:
        return self._by_socket.get(socket_id)

    def remove(self, socket_id: str) -> None:
        """Forget a socket that is gone."""
        connection = self._by_socket.pop(socket_id, None)
        if connection is not None:
            connection.end_watch()

    def remove_all(self) -> None:
        for socket_id in list(self._by_socket):
            self.remove(socket_id)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_socket.values()))

    def __len__(self) -> int:
        return len(self._by_socket)
