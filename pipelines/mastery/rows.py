"""Writing mastery back to PostgreSQL: COPY into a temporary table, then one upsert and one delete.

COPY into a row-secured table is refused; through a temporary table it is also six times as fast as arrays.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl
import psycopg
from psycopg import sql

from core.tenancy import TenantId

_KEYS = ("district_id", "student_id", "concept_id")
_VALUES = (
    "school_id",
    "mastery_percent",
    "lower_percent",
    "upper_percent",
    "evidence_count",
    "band",
    "below_threshold",
    "as_of",
)
_COLUMNS = sql.SQL(", ").join(sql.Identifier(name) for name in (*_KEYS, *_VALUES))
_ASSIGNMENTS = sql.SQL(", ").join(
    sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in (*_VALUES, "updated_at")
)


@dataclass(frozen=True, slots=True)
class Change:
    """How many rows were inserted or changed, and how many had lost their answers."""

    written: int
    removed: int


def replace_mastery(
    connection: psycopg.Connection, tenant: TenantId, mastery: pl.DataFrame, *, as_of: datetime
) -> Change:
    """Make the district's rows of app.concept_mastery equal to `mastery`; rows that did not change stay untouched."""
    connection.execute(
        "CREATE TEMPORARY TABLE fresh_mastery (LIKE app.concept_mastery INCLUDING DEFAULTS) ON COMMIT DROP"
    )
    _copy_in(connection, mastery.with_columns(as_of=pl.lit(as_of)))
    written = connection.execute(_UPSERT, {"district": tenant.value}).rowcount
    removed = connection.execute(_DELETE, {"district": tenant.value}).rowcount
    return Change(written, removed)


_UPSERT = sql.SQL(
    """
    INSERT INTO app.concept_mastery AS known ({columns})
    SELECT {columns} FROM fresh_mastery WHERE district_id = %(district)s ORDER BY student_id, concept_id
    ON CONFLICT (district_id, student_id, concept_id) DO UPDATE SET {assignments}
    WHERE (known.mastery_percent, known.evidence_count, known.band, known.lower_percent, known.upper_percent)
        IS DISTINCT FROM (excluded.mastery_percent, excluded.evidence_count, excluded.band,
            excluded.lower_percent, excluded.upper_percent)
    """
).format(columns=_COLUMNS, assignments=_ASSIGNMENTS)

_DELETE = sql.SQL(
    """
    DELETE FROM app.concept_mastery AS known
    WHERE known.district_id = %(district)s AND NOT EXISTS (
        SELECT 1 FROM fresh_mastery AS fresh
        WHERE fresh.student_id = known.student_id AND fresh.concept_id = known.concept_id)
    """
)


def _copy_in(connection: psycopg.Connection, rows: pl.DataFrame) -> None:
    command = sql.SQL("COPY fresh_mastery ({}) FROM STDIN (FORMAT csv)").format(_COLUMNS)
    with connection.cursor() as cursor, cursor.copy(command) as target:
        for part in rows.select(*_KEYS, *_VALUES).iter_slices(50_000):
            target.write(part.write_csv(include_header=False))
