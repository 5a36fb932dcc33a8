"""Every event a client may send, as one table: who may send it, what it carries, who answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from core.models import ConsentScope
from core.permissions import Permission
from realtime import classes, messages, notifications, presence, sessions, user_events
from realtime.services import Incoming


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """`answer` runs inside the actor's transaction and returns the `data` of the acknowledgement."""

    permission: Permission
    body: type[BaseModel]
    answer: Callable[[Incoming, Any], Awaitable[dict[str, Any]]]
    consent: ConsentScope | None = None
    """What a guardian must have granted, where the event records what a child does."""


CLIENT_EVENTS = {
    "sync": ClientEvent(Permission.NOTIFICATION_READ, user_events.SyncRequest, user_events.sync),
    "notification:ack": ClientEvent(
        Permission.NOTIFICATION_READ,
        notifications.AcknowledgeRequest,
        notifications.acknowledge,
        ConsentScope.COLLECTION,
    ),
    "message:send": ClientEvent(
        Permission.MESSAGE_WRITE, messages.SendRequest, messages.send, ConsentScope.COLLECTION
    ),
    "message:read": ClientEvent(
        Permission.MESSAGE_READ, messages.ReadRequest, messages.read, ConsentScope.COLLECTION
    ),
    "typing:start": ClientEvent(
        Permission.MESSAGE_WRITE, messages.TypingRequest, messages.start_typing, ConsentScope.COLLECTION
    ),
    "typing:stop": ClientEvent(
        Permission.MESSAGE_WRITE, messages.TypingRequest, messages.stop_typing, ConsentScope.COLLECTION
    ),
    "presence:watch": ClientEvent(Permission.PRESENCE_WATCH, presence.WatchRequest, presence.watch),
    "presence:active": ClientEvent(
        Permission.PROFILE_READ, presence.ActiveRequest, presence.active, ConsentScope.COLLECTION
    ),
    "class:watch": ClientEvent(Permission.CLASS_WATCH, classes.WatchRequest, classes.watch),
    "session:refresh": ClientEvent(Permission.PROFILE_READ, sessions.RefreshRequest, sessions.refresh),
}
