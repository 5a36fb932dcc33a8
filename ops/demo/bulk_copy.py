"""Whole tables into PostgreSQL: a polars frame becomes CSV, slice by slice, on its way through COPY."""

from collections.abc import Callable

import polars as pl
import psycopg
from psycopg import sql

ROWS_PER_SLICE = 40_000
_TIME_FORMAT = "%Y-%m-%d %H:%M:%S%.3f+00"

RowsLoaded = Callable[[int], None]


def copy_frame(
    connection: psycopg.Connection,
    table: str,
    frame: pl.DataFrame,
    loaded: RowsLoaded,
    *,
    schema: str = "app",
) -> None:
    """Append a frame to a table whose columns carry the same names; `loaded` hears how many rows went.

    The connection must be allowed past row security: COPY into a fenced table is refused to everyone else.
    """
    statement = sql.SQL("COPY {}.{} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(schema),
        sql.Identifier(table),
        sql.SQL(", ").join(sql.Identifier(column) for column in frame.columns),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in frame.iter_slices(ROWS_PER_SLICE):
            copy.write(part.write_csv(include_header=False, datetime_format=_TIME_FORMAT))
            loaded(len(part))
