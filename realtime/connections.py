"""The sockets of this process: who each one speaks for, and until when."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from core.tenancy import Actor, Scope, TenantContext
from core.tokens import VerifiedToken
from realtime.token_bucket import TokenBucket

NEVER = datetime.min.replace(tzinfo=UTC)


def _full_bucket() -> TokenBucket:
    return TokenBucket(time.monotonic())


@dataclass(slots=True, eq=False)
class Connection:
    """One socket after its handshake. `timer` is what will end it when its token expires."""

    socket_id: str
    transport_id: str
    """What the library calls the connection below the socket."""
    actor: Actor
    expires_at: datetime
    bucket: TokenBucket = field(default_factory=_full_bucket)
    timer: asyncio.TimerHandle | None = None
    warned_of: datetime | None = None
    """The end that was announced."""
    watching: set[UUID] = field(default_factory=set)
    """Classes whose counters it hears."""
    presence: dict[tuple[UUID, UUID], str] = field(default_factory=dict)
    """People (district and user) whose presence it hears, and what it was told last."""
    active_at: datetime = NEVER
    """When its person last did something."""

    @property
    def person(self) -> tuple[UUID, UUID]:
        """District and user."""
        return self.actor.district_id, self.actor.user_id

    @property
    def school_context(self) -> TenantContext:
        """What may be read for this person together with others of the school."""
        return TenantContext(self.actor.tenant, Scope(self.actor.school_id))

    def renew(self, token: VerifiedToken) -> None:
        """Live on with a fresh token of the same person."""
        self.actor = token.actor
        self.expires_at = token.expires_at

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


class Connections:
    """Every connected socket of this process, by its id and by its person."""

    def __init__(self) -> None:
        self._by_socket: dict[str, Connection] = {}
        self._by_person: dict[tuple[UUID, UUID], list[Connection]] = {}

    def add(self, connection: Connection) -> None:
        self._by_socket[connection.socket_id] = connection
        self._by_person.setdefault(connection.person, []).append(connection)

    def of(self, person: tuple[UUID, UUID]) -> Sequence[Connection]:
        """Return a person's sockets."""
        return tuple(self._by_person.get(person, ()))

    def get(self, socket_id: str) -> Connection | None:
        return self._by_socket.get(socket_id)

    def remove(self, socket_id: str) -> None:
        """Forget a socket that is gone."""
        connection = self._by_socket.pop(socket_id, None)
        if connection is None:
            return
        connection.stop_timer()
        others = self._by_person[connection.person]
        others.remove(connection)
        if not others:
            del self._by_person[connection.person]

    def remove_all(self) -> None:
        for socket_id in list(self._by_socket):
            self.remove(socket_id)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_socket.values()))

    def __len__(self) -> int:
        return len(self._by_socket)
