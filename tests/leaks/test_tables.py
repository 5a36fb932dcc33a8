"""Every tenant table of the catalogue, read and written as the application in another tenant's context."""

import hashlib
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.factories.world import DistrictBench, World
from tests.fixtures.schema import MigratedDatabase

_RELATIONS = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'district_id'
    WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p', 'v') ORDER BY 1
"""
ROLES = ["app_rw", "pipeline_rw"]


@pytest.fixture(scope="module")
def relations(migrated: MigratedDatabase) -> list[str]:
    with psycopg.connect(migrated.dsn) as connection:
        return [name for (name,) in connection.execute(_RELATIONS)]


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest, migrated: MigratedDatabase) -> Iterator[psycopg.Connection]:
    url = migrated.url_of(request.param).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def enter(connection: psycopg.Connection, bench: DistrictBench, scope: str = "district") -> None:
    connection.execute(
        "SELECT set_config('app.district_id', %s, true), set_config('app.scope', %s, true)",
        [str(bench.district.district_id), scope],
    )


def readable(connection: psycopg.Connection, relations: list[str], privilege: str) -> list[str]:
    kind = "any_column" if privilege == "SELECT" else "table"  # pipelines may read some columns of users only
    query = f"SELECT has_{kind}_privilege(current_user, %s, %s)"
    return [
        name
        for name in relations
        if connection.execute(query, [f"app.{name}", privilege]).fetchone() == (True,)
    ]


def test_no_table_shows_a_row_of_another_district(
    role: psycopg.Connection, attacked: World, relations: list[str]
) -> None:
    ours = attacked.districts[1]
    enter(role, ours)
    tables = readable(role, relations, "SELECT")
    assert len(tables) >= 12
    for table in tables:
        statement = sql.SQL("SELECT DISTINCT district_id FROM app.{}").format(sql.Identifier(table))
        assert role.execute(statement).fetchall() == [(ours.district.district_id,)], table


def test_no_table_with_a_school_shows_a_row_of_another_school(
    role: psycopg.Connection, attacked: World, relations: list[str]
) -> None:
    bench = attacked.districts[0]
    school_id = bench.schools[1].school.id
    enter(role, bench, f"school:{school_id}")
    for table in readable(role, relations, "SELECT"):
        if _has_school(role, table):
            statement = sql.SQL("SELECT DISTINCT school_id FROM app.{} WHERE school_id IS NOT NULL")
            seen = role.execute(statement.format(sql.Identifier(table))).fetchall()
            assert seen == [(school_id,)], table


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_no_statement_reaches_a_row_of_another_district(
    role: psycopg.Connection, attacked: World, relations: list[str], verb: str
) -> None:
    theirs, ours = attacked.districts
    enter(role, ours)
    statements = {
        "UPDATE": "UPDATE app.{} SET updated_at = now() WHERE district_id = %s",
        "DELETE": "DELETE FROM app.{} WHERE district_id = %s",
    }
    for table in readable(role, relations, verb):
        statement = sql.SQL(statements[verb]).format(sql.Identifier(table))
        assert role.execute(statement, [theirs.district.district_id]).rowcount == 0, table


def test_the_directory_tells_ids_and_status_only(migrated: MigratedDatabase) -> None:
    with psycopg.connect(migrated.app_url.replace("+psycopg", "")) as connection:
        columns = connection.execute("SELECT * FROM app.district_directory").description or []
    assert {column.name for column in columns} == {"id", "status", "created_at", "updated_at"}


def test_nothing_of_the_sign_in_tables_can_be_read(migrated: MigratedDatabase) -> None:
    with psycopg.connect(migrated.app_url.replace("+psycopg", "")) as connection:
        for table in ("identities", "sessions", "invitation_tokens", "class_codes"):
            statement = sql.SQL("SELECT 1 FROM auth.{}").format(sql.Identifier(table))
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)


def _has_school(connection: psycopg.Connection, table: str) -> bool:
    query = "SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'school_id'"
    return connection.execute(query, [f"app.{table}"]).fetchone() is not None


def test_a_school_changes_no_admin_of_the_district(migrated: MigratedDatabase, attacked: World) -> None:
    """The fence shows them to the school; an UPDATE must not carry them into it."""
    bench = attacked.districts[0]
    school_id = bench.schools[0].school.id
    with psycopg.connect(migrated.app_url.replace("+psycopg", "")) as connection:
        enter(connection, bench, f"school:{school_id}")
        seen = connection.execute("SELECT id FROM app.users WHERE id = %s", [bench.admin.id]).fetchall()
        taken = connection.execute(
            "UPDATE app.users SET school_id = %s WHERE id = %s", [school_id, bench.admin.id]
        )
        assert (seen, taken.rowcount) == ([(bench.admin.id,)], 0)
        connection.rollback()


def test_a_school_neither_sets_nor_ends_a_class_code_of_another(
    migrated: MigratedDatabase, attacked: World
) -> None:
    ours, theirs = attacked.districts[0].schools
    digest = bytes(32)
    with psycopg.connect(migrated.app_url.replace("+psycopg", "")) as connection:
        enter(connection, attacked.districts[0], f"school:{ours.school.id}")
        for school_id in (ours.school.id, theirs.school.id):
            connection.execute(
                "SELECT auth.set_class_code(%s, %s, %s, now() + interval '1 day')",
                [theirs.school_class.id, school_id, digest],
            )
        connection.execute("SELECT auth.delete_class_code(%s)", [theirs.school_class.id])
        set_by_us = connection.execute("SELECT class_id FROM auth.find_class_code(%s, now())", [digest])
        assert set_by_us.fetchone() == (None,)
        code = hashlib.sha256(theirs.school_class.code.encode()).digest()
        kept = connection.execute("SELECT class_id FROM auth.find_class_code(%s, now())", [code])
        assert kept.fetchone() == (theirs.school_class.id,)
        connection.rollback()
