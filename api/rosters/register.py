"""What of a roster is here already, and how its lines find it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Values = dict[str, Any]
"""The columns an import keeps in step; `is_active` stands for the column that says so."""


@dataclass(frozen=True)
class Known:
    """One row as it stands, within reach of whoever imports."""

    id: UUID
    values: Values
    is_removed: bool = False
    """A person whose account is gone for good."""

    @property
    def sourced_id(self) -> str | None:
        sourced_id: str | None = self.values["sourced_id"]
        return sourced_id

    @property
    def is_active(self) -> bool:
        return bool(self.values["is_active"])


class Register:
    """All rows of one kind: found by their name in OneRoster, or, made here, by the id our exports call them."""

    def __init__(self, rows: Iterable[Known] = ()) -> None:
        self._rows = list(rows)
        self._by_sourced_id = {row.sourced_id: row for row in self._rows if row.sourced_id is not None}
        self._made_here = {str(row.id): row for row in self._rows if row.sourced_id is None}

    def find(self, sourced_id: str) -> Known | None:
        return self._by_sourced_id.get(sourced_id) or self._made_here.get(sourced_id)

    def unlinked(self) -> Iterator[Known]:
        """Rows that no roster has named yet."""
        return iter(self._made_here.values())

    def rostered(self) -> list[Known]:
        """Rows that a roster brought and that are in use."""
        return [row for row in self._by_sourced_id.values() if row.is_active]

    def __iter__(self) -> Iterator[Known]:
        return iter(self._rows)


@dataclass(frozen=True)
class Present:
    """What stands in the database, as far as the importing admin reaches."""

    district_sourced_id: str | None = None
    schools: Register = field(default_factory=Register)
    sessions: Register = field(default_factory=Register)
    courses: Register = field(default_factory=Register)
    people: Register = field(default_factory=Register)
    classes: Register = field(default_factory=Register)
    enrollments: Register = field(default_factory=Register)
    unusable_emails: frozenset[str] = frozenset()
    """Addresses of the file that belong to somebody, whoever and wherever that is."""
