"""The facts of one district, as plain dictionaries, and the small tools of an oracle.

Nothing of `core.domain`, `pipelines` or `warehouse` is used by any `oracle_*` module: what they say is worked out a
second time, from the documents, in loops.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

Row = dict[str, Any]
Rows = list[Row]
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

_TABLES = (
    ("accommodations", "ai_gradings", "ai_interactions", "assignment_extensions", "assignments"),
    ("bank_question_concepts", "bank_questions", "class_enrollments", "class_grades", "classes"),
    ("concept_prerequisites", "concepts", "district_settings", "grades", "question_banks"),
    ("question_concepts", "questions", "risk_flags", "student_answers", "student_submissions"),
    ("interaction_events",),
)


@dataclass(frozen=True)
class Facts:
    """All rows of the district by table; ids are text. `now` is the database's clock at the moment of reading."""

    district_id: str
    now: datetime
    tables: dict[str, Rows]

    def __getitem__(self, table: str) -> Rows:
        return self.tables[table]

    def standing(self, table: str) -> Rows:
        """Return the rows that have not been put away."""
        return [row for row in self.tables[table] if row["deleted_at"] is None]


def read_facts(connection: psycopg.Connection, district_id: object) -> Facts:
    """Read every table in one snapshot."""
    names = [name for group in _TABLES for name in group]
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT now() AS now")
        now = (cursor.fetchone() or {})["now"]
        tables = {}
        for name in names:
            statement = sql.SQL("SELECT * FROM app.{} WHERE district_id = %s").format(sql.Identifier(name))
            cursor.execute(statement, [district_id])
            tables[name] = [_with_text_ids(row) for row in cursor]
    return Facts(str(district_id), now, tables)


def _with_text_ids(row: Row) -> Row:
    return {
        name: str(value) if name == "id" or (name.endswith("_id") and value is not None) else value
        for name, value in row.items()
    }


def grouped(rows: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


def pair(row: Row) -> tuple[str, str]:
    return row["class_id"], row["student_id"]


def middle(values: Iterable[Any]) -> float:
    """Return the median."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[half])
    return (ordered[half - 1] + ordered[half]) / 2


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value at `share` of the way from the least to the greatest, between two in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def half_up(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def plain_number(number: Decimal) -> str:
    """48.5000 is written 48.5, 40.00 is written 40."""
    text = f"{number:f}"
    return re.sub(r"\.?0+$", "", text) if "." in text else text
