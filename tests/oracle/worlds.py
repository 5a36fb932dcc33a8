"""A random district, made from a seed: rows of every table the marts follow from, and their way into PostgreSQL.

Everything is dated in the eleven weeks that ended before last Monday: a seed gives the same world every week, only
moved; due dates lie days away from the moment a test runs at, or in 2099.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

Row = dict[str, Any]

_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
TERM_BEGINS = _TODAY - timedelta(days=_TODAY.weekday(), weeks=12)
"""A Monday."""
TERM_DAYS = 78
HOLIDAY_DAYS = range(42, 56)
"""Two weeks in which nobody works."""
FAR_AWAY = datetime(2099, 1, 1, tzinfo=UTC)

_TABLES = (
    ("district_directory", "districts", "district_settings", "schools", "users"),
    ("concepts", "concept_prerequisites", "classes", "class_enrollments", "accommodations"),
    ("question_banks", "bank_questions", "bank_question_concepts"),
    ("assignments", "assignment_extensions", "questions", "question_concepts"),
    ("student_submissions", "student_answers", "ai_gradings", "ai_interactions"),
    ("grades", "class_grades", "risk_flags", "interaction_events"),
)
"""In the order of their references."""


@dataclass
class World:
    """One district as rows by table. `random` is the only source of chance."""

    random: Random
    district_id: UUID = field(init=False)
    rows: dict[str, list[Row]] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = {table: [] for group in _TABLES for table in group}
        self.district_id = self.new_id(TERM_BEGINS)

    def new_id(self, moment: datetime | None = None) -> UUID:
        """Return a UUIDv7 of the moment (any of the term when none is given)."""
        milliseconds = int((moment or self.school_time()).timestamp() * 1000)
        tail = self.random.getrandbits(74)
        value = milliseconds << 80 | 7 << 76 | (tail >> 62) << 64 | 2 << 62 | tail & (1 << 62) - 1
        return UUID(int=value)

    def add(self, table: str, **values: Any) -> Row:
        row = {"district_id": self.district_id, **values}
        self.rows[table].append(row)
        return row

    def happens(self, share: float) -> bool:
        return self.random.random() < share

    def one_of(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def school_time(self, first_day: int = 0) -> datetime:
        """Return a moment of a school day, in microseconds."""
        day = self.random.randrange(first_day, TERM_DAYS)
        while day in HOLIDAY_DAYS:
            day = self.random.randrange(first_day, TERM_DAYS)
        second = timedelta(microseconds=self.random.randrange(86_400_000_000))
        return TERM_BEGINS + timedelta(days=day) + second


def load(world: World, connection: psycopg.Connection) -> None:
    """Write all rows with COPY, constraints and triggers awake."""
    for table, rows in world.rows.items():
        if rows:
            copy_in(connection, table, rows)


def copy_in(connection: psycopg.Connection, table: str, rows: Sequence[Row]) -> None:
    """Append rows that have the same columns."""
    names = list(rows[0])
    command = sql.SQL("COPY app.{} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row([_plain(row[name]) for name in names])


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
