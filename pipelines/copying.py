"""Bulk reading: COPY out of PostgreSQL into a typed Polars frame, by way of a file: memory holds the rows once."""

import tempfile
from collections.abc import Mapping

import polars as pl
import psycopg
from psycopg import sql

from warehouse.mart import COUNT, DAY, FLAG, IDS, REAL, TIME

LIST_SEPARATOR = " "
"""Lists travel as text; ids hold no blank."""

_NUMBERS_ON_THE_WIRE: dict[pl.DataType, pl.DataType] = {COUNT: COUNT, REAL: REAL, TIME: COUNT}


def microseconds(column: str) -> sql.Composed:
    """A timestamp as microseconds since 1970 (UTC), which is how COPY results carry time here."""
    return sql.SQL("(extract(epoch FROM {}) * 1000000)::bigint").format(sql.SQL(column))


def copy_frame(
    connection: psycopg.Connection, statement: sql.Composed, schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Run a SELECT through COPY; columns are found by name.

    The statement gives times as `microseconds`, lists as text separated by blanks, decimals and booleans plainly.
    """
    with tempfile.NamedTemporaryFile(prefix="homeroom-copy-") as spool:
        command = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(statement)
        with connection.cursor() as cursor, cursor.copy(command) as rows:
            for block in rows:
                spool.write(block)
        spool.flush()
        wire = {name: _NUMBERS_ON_THE_WIRE.get(dtype, pl.String()) for name, dtype in schema.items()}
        frame = pl.read_csv(spool.name, schema_overrides=wire)
    return frame.select(_parsed(name, dtype) for name, dtype in schema.items())


def _parsed(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == FLAG:
        return column == "t"
    if dtype == IDS:
        return (
            pl.when(column != "")
            .then(column.str.split(LIST_SEPARATOR))
            .otherwise(pl.lit([], IDS))
            .alias(name)
        )
    if dtype in {TIME, DAY} or isinstance(dtype, pl.Decimal):
        return column.cast(dtype)
    return column
