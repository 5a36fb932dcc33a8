"""What every table behind a barrier view must withstand: attempts of a program's role on it and on its chunks."""

from uuid import UUID

import psycopg
from psycopg import sql

PROGRAM_ROLES = ["app_rw", "pipeline_rw"]
"""Not `backup`: a dump must hold every row, and no program signs in as it."""


def enter(connection: psycopg.Connection, district_id: UUID, school_id: UUID | None = None) -> None:
    """Tell the transaction its district, and its school if it is bound to one."""
    scope = "district" if school_id is None else f"school:{school_id}"
    connection.execute(
        "SELECT set_config('app.district_id', %s, true), set_config('app.scope', %s, true)",
        [str(district_id), scope],
    )


def physical_tables(connection: psycopg.Connection, table: str) -> list[tuple[str, str]]:
    """The table, and where TimescaleDB keeps its rows (chunks of internal relations)."""
    query = (
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND (c.oid = %(table)s::regclass OR c.oid IN"
        " (SELECT inhrelid FROM pg_inherits WHERE inhparent = %(table)s::regclass))"
    )
    return connection.execute(query, {"table": table}).fetchall()


def accepted_attempts(connection: psycopg.Connection, schema: str, table: str) -> list[str]:
    """Return what the connection's role may do to a relation."""
    relation = sql.Identifier(schema, table)
    attempts = {
        "read": sql.SQL("SELECT count(*) FROM {}"),
        "insert": sql.SQL("INSERT INTO {} DEFAULT VALUES"),
        "update": sql.SQL("UPDATE {} SET district_id = district_id"),
        "delete": sql.SQL("DELETE FROM {}"),
        "truncate": sql.SQL("TRUNCATE {}"),
    }
    return [name for name, attempt in attempts.items() if _is_permitted(connection, attempt.format(relation))]


def _is_permitted(connection: psycopg.Connection, statement: sql.Composed) -> bool:
    try:
        with connection.transaction():
            connection.execute(statement)
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.WrongObjectType,
    ):  # a view cannot be truncated
        return False
    except psycopg.errors.NotNullViolation:  # the privilege was there, only the row was not
        return True
    return True
