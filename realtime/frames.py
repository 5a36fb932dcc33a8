"""Events as they travel: the text of a Socket.IO packet, made once for many people."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from core.emit import Hint

_EVENT = "2"
"""The protocol's number for an event in the default namespace, without attachments and acknowledgement."""


def frame(event: str, data: Mapping[str, Any]) -> str:
    """Return the packet of one event.

    >>> frame("badge", {"unread": 2})
    '2["badge", {"unread": 2}]'
    """
    return _EVENT + json.dumps([event, data])


def frames(hint: Hint) -> Iterator[tuple[UUID, str]]:
    """Return each person's packet. What all hear is encoded once: a class, or a school, hears the same words.

    >>> person = UUID(int=1)
    >>> dict(frames(Hint(UUID(int=9), "grade:updated", {"points": "1.00"}, {person: {"seq": 3}})))[person]
    '2["grade:updated", {"points": "1.00", "seq": 3}]'
    """
    shared = json.dumps(hint.payload)
    for user_id, own in hint.own.items():
        if not own:
            data = shared
        elif not hint.payload or hint.payload.keys() & own.keys():
            data = json.dumps({**hint.payload, **own})
        else:
            data = f"{shared[:-1]}, {json.dumps(own)[1:]}"
        yield user_id, f"{_EVENT}[{json.dumps(hint.event)}, {data}]"
