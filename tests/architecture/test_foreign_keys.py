"""No foreign key lets a row of one tenant, or of one school, point at a row of another."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Session

from core.keys import KeyRing
from core.models import Base
from tests.factories.world import DistrictBench, World, make_world
from tests.fixtures.schema import MigratedDatabase


@dataclass(frozen=True)
class Reference:
    """One column of a table that names a parent's row."""

    table: str
    column: str
    parent: str
    parent_column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def is_key(self) -> bool:
        return Base.metadata.tables[f"app.{self.table}"].c[self.column].primary_key


def _references() -> Iterator[Reference]:
    for table in Base.metadata.sorted_tables:
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint):
                element = constraint.elements[-1]
                if element.parent.name == "district_id":
                    continue  # a row that names another district is in it: row security refuses that write
                yield Reference(
                    table.name, element.parent.name, element.column.table.name, element.column.name
                )


def _binds_schools(reference: Reference) -> bool:
    own, parents = (Base.metadata.tables[f"app.{name}"].c for name in (reference.table, reference.parent))
    return (
        reference.column != "school_id"
        and "school_id" in own
        and not own["school_id"].nullable
        and "school_id" in parents
    )


REFERENCES = sorted(set(_references()), key=str)
ONE_ROW_EACH = {"ai_gradings", "conversations", "messages", "regrades"}
"""A unique key allows one row for each parent, and the parents in the bench have theirs."""
WITHIN_SCHOOLS = [reference for reference in REFERENCES if _binds_schools(reference)]


@pytest.fixture(scope="module")
def neighbours(rows: Session, keys: KeyRing) -> World:
    return make_world(rows, keys)


@pytest.fixture
def superuser(migrated: MigratedDatabase) -> Iterator[psycopg.Connection]:
    """Row security does not bind it: what refuses here is the foreign key alone."""
    with psycopg.connect(migrated.dsn) as connection:
        yield connection
        connection.rollback()


def _ids(connection: psycopg.Connection, reference: Reference, fence: str, value: UUID) -> list[UUID]:
    """The parent's ids inside one district or school."""
    query = sql.SQL("SELECT {} FROM app.{} WHERE {} = %s").format(
        sql.Identifier(reference.parent_column), sql.Identifier(reference.parent), sql.Identifier(fence)
    )
    return [row[0] for row in connection.execute(query, [value])]


def _refusal(
    connection: psycopg.Connection, reference: Reference, *, fence: str, owner: UUID, target: UUID
) -> str | None:
    """Point a row of the owner's at `target`; answer the SQLSTATE that refused it, or None."""
    update = sql.SQL(
        "UPDATE app.{table} SET {column} = %(target)s WHERE ctid ="
        " (SELECT ctid FROM app.{table} WHERE {fence} = %(owner)s ORDER BY {column} IS NULL LIMIT 1)"
    ).format(
        table=sql.Identifier(reference.table),
        column=sql.Identifier(reference.column),
        fence=sql.Identifier(fence),
    )
    try:
        with connection.transaction():
            changed = connection.execute(update, {"target": target, "owner": owner}).rowcount
    except psycopg.errors.ForeignKeyViolation as error:
        return error.sqlstate
    assert changed, "the bench has no row to try this on"
    return None


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_a_row_cannot_point_into_another_district(
    superuser: psycopg.Connection, neighbours: World, reference: Reference
) -> None:
    ours, theirs = (bench.district.district_id for bench in neighbours.districts)
    foreign = _ids(superuser, reference, "district_id", theirs)
    assert foreign
    targets = [*foreign, uuid4()]  # an id of nobody's is refused alike: no telling which exist
    refusal_of = partial(_refusal, superuser, reference, fence="district_id", owner=ours)
    assert {refusal_of(target=target) for target in targets} == {"23503"}


@pytest.mark.parametrize("reference", WITHIN_SCHOOLS, ids=str)
def test_a_row_cannot_point_into_another_school(
    superuser: psycopg.Connection, neighbours: World, reference: Reference
) -> None:
    bench: DistrictBench = neighbours.districts[0]
    ours, theirs = (school.school.id for school in bench.schools)
    foreign = _ids(superuser, reference, "school_id", theirs)
    assert foreign
    if (
        reference.is_key or reference.table in ONE_ROW_EACH
    ):  # their own rows would clash before the foreign key speaks
        table = sql.Identifier(reference.table)
        superuser.execute(sql.SQL("SET LOCAL session_replication_role = replica"))  # with what points at them
        superuser.execute(sql.SQL("DELETE FROM app.{} WHERE school_id = %s").format(table), [theirs])
        superuser.execute(sql.SQL("SET LOCAL session_replication_role = origin"))
    refusal_of = partial(_refusal, superuser, reference, fence="school_id", owner=ours)
    assert {refusal_of(target=target) for target in foreign} == {"23503"}


TENANT_TABLES = sorted(table.name for table in Base.metadata.sorted_tables if "district_id" in table.c)
_APP_WRITES = "SELECT has_table_privilege('app_rw', %s, 'INSERT')"


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_the_application_cannot_write_a_row_of_another_district(
    migrated: MigratedDatabase, superuser: psycopg.Connection, neighbours: World, table: str
) -> None:
    ours, theirs = neighbours.districts
    relation = "tenant_interaction_events" if table == "interaction_events" else table
    row = _row_of(superuser, table, theirs.district.district_id)
    may_insert = superuser.execute(_APP_WRITES, [f"app.{relation}"]).fetchone() == (True,)
    with psycopg.connect(migrated.app_url.replace("+psycopg", "")) as application:
        _enter(application, ours)
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as refusal:
            _insert(application, relation, row)
    assert ("row-level security" in str(refusal.value)) == may_insert


def _row_of(connection: psycopg.Connection, table: str, district_id: UUID) -> dict[str, Any]:
    query = sql.SQL("SELECT to_jsonb(t) FROM app.{} t WHERE district_id = %s LIMIT 1")
    found = connection.execute(query.format(sql.Identifier(table)), [district_id]).fetchone()
    assert found is not None, f"the bench writes no row of {table}"
    row: dict[str, Any] = found[0]
    row.pop("recorded_xid", None)
    return row


def _enter(connection: psycopg.Connection, bench: DistrictBench) -> None:
    connection.execute(
        "SELECT set_config('app.district_id', %s, true), set_config('app.scope', 'district', true)",
        [str(bench.district.district_id)],
    )


def _insert(connection: psycopg.Connection, relation: str, row: dict[str, Any]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    statement = sql.SQL(
        "INSERT INTO app.{relation} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::app.{relation}, %s)"
    ).format(relation=sql.Identifier(relation), names=names)
    connection.execute(statement, [psycopg.types.json.Jsonb(row)])
