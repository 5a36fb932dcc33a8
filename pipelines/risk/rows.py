"""Writing flags of students at risk: COPY into a temporary table, then one upsert and one clear.

A trigger keeps the history, one line per change of level, answer or end. So probability and reasons may be refreshed
as often as the marts are, and the history stays short.
"""

import json
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import psycopg
from psycopg import sql

from core.domain.risk import LEVELS
from core.ids import new_id
from core.tenancy import TenantId

LEVEL_NAMES = tuple(name for name, _ in LEVELS)
"""Levels at which a student is flagged, the mildest first."""
_COLUMNS = (
    "district_id",
    "school_id",
    "id",
    "class_id",
    "student_id",
    "level",
    "probability",
    "reasons",
    "raised_at",
    "level_since",
    "as_of",
)
_NAMES = sql.SQL(", ").join(sql.Identifier(name) for name in _COLUMNS)


@dataclass(frozen=True, slots=True)
class Change:
    """How many flags were raised, moved or refreshed, and how many ended."""

    written: int
    cleared: int


def replace_flags(
    connection: psycopg.Connection, tenant: TenantId, assessed: pl.DataFrame, *, as_of: datetime
) -> Change:
    """Make the standing flags say what `assessed` (the mart) says; those that did not change stay as they are.

    A flag whose level rises is open again. One whose student is no longer flagged, or has left the class, is cleared:
    a later warning is a flag of its own.
    """
    connection.execute(
        "CREATE TEMPORARY TABLE fresh_flags (LIKE app.risk_flags INCLUDING DEFAULTS) ON COMMIT DROP"
    )
    _copy_in(connection, _flag_rows(assessed, as_of))
    given = {"district": tenant.value, "levels": list(LEVEL_NAMES), "as_of": as_of}
    cleared = connection.execute(_CLEAR, given).rowcount
    return Change(connection.execute(_UPSERT, given).rowcount, cleared)


_RISES = """array_position(%(levels)s::text[], excluded.level::text)
                > array_position(%(levels)s::text[], known.level::text)"""

_UPSERT = sql.SQL(
    f"""
    INSERT INTO app.risk_flags AS known ({{columns}})
    SELECT {{columns}} FROM fresh_flags WHERE district_id = %(district)s ORDER BY class_id, student_id
    ON CONFLICT (district_id, class_id, student_id) WHERE cleared_at IS NULL DO UPDATE SET
        level = excluded.level, probability = excluded.probability, reasons = excluded.reasons,
        level_since = CASE WHEN excluded.level = known.level THEN known.level_since ELSE excluded.level_since END,
        status = CASE WHEN {_RISES} THEN 'open' ELSE known.status END,
        as_of = excluded.as_of, updated_at = now()
    WHERE (known.level, known.probability, known.reasons)
        IS DISTINCT FROM (excluded.level, excluded.probability, excluded.reasons)
    """
).format(columns=_NAMES)

_CLEAR = sql.SQL(
    """
    UPDATE app.risk_flags AS known SET cleared_at = %(as_of)s, as_of = %(as_of)s, updated_at = now()
    WHERE known.district_id = %(district)s AND known.cleared_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM fresh_flags AS fresh
        WHERE fresh.class_id = known.class_id AND fresh.student_id = known.student_id)
    """
)


def _flag_rows(assessed: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    flagged = assessed.filter(pl.col("level").is_in(LEVEL_NAMES))
    return flagged.with_columns(
        pl.Series("id", [str(new_id()) for _ in range(flagged.height)], pl.String),
        pl.Series("reasons", [json.dumps(reasons) for reasons in flagged["reasons"].to_list()], pl.String),
        *(pl.lit(as_of).alias(name) for name in ("raised_at", "level_since", "as_of")),
    ).select(_COLUMNS)


def _copy_in(connection: psycopg.Connection, rows: pl.DataFrame) -> None:
    command = sql.SQL("COPY fresh_flags ({}) FROM STDIN (FORMAT csv)").format(_NAMES)
    with connection.cursor() as cursor, cursor.copy(command) as target:
        for part in rows.iter_slices(50_000):
            target.write(part.write_csv(include_header=False))
