"""A request that its rightful caller would send."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

API = "/api/v1"
ANY_VERSION = {"If-Match": "*"}


@dataclass(frozen=True)
class Sample:
    """Who may call it (an attribute of SchoolBench), with what body; `instead` renames a slot's own value."""

    caller: str
    body: dict[str, Any] | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None
    """A text that is the body itself; its media type is among the headers."""
    upload: Callable[[], bytes] | None = None
    """Makes a file that is sent as a form's field `file`."""
    query: Mapping[str, str] = field(default_factory=dict)
    """What the address must say besides ids."""
    open_in_school: tuple[str, ...] = ()
    """Slots in which staff may rightly name anybody of their own school."""
