"""One route as tests knock at it: who may, and which ids it takes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

STUDENT, TEACHER, ADMIN = "student", "teacher", "admin"
EVERYONE = frozenset({STUDENT, TEACHER, ADMIN})
STAFF = frozenset({TEACHER, ADMIN})


Ids = dict[str, UUID | int]
"""By the names that routes use; a version is a number."""


@dataclass(frozen=True)
class Route:
    """A call; `{names}` in path and body stand for ids. `fenced`: it names something of one class."""

    method: str
    path: str
    roles: frozenset[str]
    body: dict[str, Any] | None = None
    fenced: bool = False
    query: str = ""
    """What the address asks for besides, with its `{names}`."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def filled(self, ids: Ids) -> tuple[str, str, Any]:
        """Return method, address and body with the ids in place."""
        names = {name: str(value) for name, value in ids.items()}
        body = None if self.body is None else _filled(self.body, names)
        return self.method, "/api/v1" + (self.path + self.query).format_map(names), body


def _filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, names) for part in value]
    return value.format_map(names) if isinstance(value, str) else value
