"""The catalogue of the migrated database obeys every rule, and every rule finds the mistake it is there for."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.architecture.database_lint import RULES, offenders
from tests.fixtures.schema import MigratedDatabase

MISTAKES = {
    "every table is owned by a tenant": "CREATE TABLE app.stray (id uuid PRIMARY KEY)",
    "every table carries created_at and updated_at": "ALTER TABLE app.grades DROP COLUMN created_at",
    "row security is enabled and forced": "ALTER TABLE app.grades NO FORCE ROW LEVEL SECURITY",
    "exactly one permissive policy, and it names the tenant both ways": (
        "CREATE POLICY generous ON app.grades USING (true)"
    ),
    "every table with a school has the school fence both ways": "DROP POLICY school ON app.grades",
    "policies bind the application and the pipelines": "ALTER POLICY school ON app.grades TO pipeline_rw",
    "every foreign key between tenants' tables contains the district": (
        "ALTER TABLE app.district_directory ADD UNIQUE (id);"
        " ALTER TABLE app.grades ADD CONSTRAINT plain FOREIGN KEY (class_id)"
        " REFERENCES app.district_directory (id) NOT VALID"
    ),
    "every foreign key between schools' rows contains the school": (
        "ALTER TABLE app.grades ADD CONSTRAINT within FOREIGN KEY (district_id, class_id)"
        " REFERENCES app.classes (district_id, id)"
    ),
    "nothing cascades": (
        "ALTER TABLE app.grades ADD CONSTRAINT cascading FOREIGN KEY (district_id, school_id, class_id)"
        " REFERENCES app.classes (district_id, school_id, id) ON DELETE CASCADE"
    ),
    "every index starts with the district": "CREATE INDEX ON app.grades (class_id, district_id)",
    "no native enum, which would lose its index under row security": (
        "CREATE TYPE app.mood AS ENUM ('good'); ALTER TABLE app.grades ADD COLUMN mood app.mood"
    ),
    "the tables behind views are granted to nobody": "GRANT SELECT ON app.interaction_events TO app_rw",
    "everything is granted to somebody by name": "GRANT SELECT ON app.schools TO PUBLIC",
    "facts are append-only": "GRANT UPDATE ON app.tenant_audit_events TO app_rw",
    "nobody but the owner may truncate, reference or add triggers": "GRANT TRUNCATE ON app.grades TO app_rw",
    "the sign-in tables are reached through functions only": "GRANT SELECT ON auth.identities TO app_rw",
    "the only views are those of events, and they are barriers of the owner's": (
        "CREATE VIEW app.shortcut AS SELECT * FROM app.grades"
    ),
    "definer functions live in auth, with a fixed search_path, closed to the public": (
        "CREATE FUNCTION app.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT count(*) FROM app.grades'"
    ),
    "the owners may not log in, and the programs' roles may not pass a wall": "ALTER ROLE app_rw BYPASSRLS",
    "the programs' roles own nothing and are members of nothing": "GRANT app_owner TO app_rw",
    "app_owner owns the tables": "ALTER TABLE app.grades OWNER TO auth_owner",
}


@pytest.fixture
def catalogue(migrated: MigratedDatabase) -> Iterator[psycopg.Connection]:
    """One transaction that is never committed: a mistake leaves with its test."""
    with psycopg.connect(migrated.dsn) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("rule", RULES)
def test_no_table_breaks_the_rule(catalogue: psycopg.Connection, rule: str) -> None:
    assert offenders(catalogue, rule) == []


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_finds_its_mistake(catalogue: psycopg.Connection, rule: str) -> None:
    catalogue.execute(MISTAKES[rule])
    assert offenders(catalogue, rule) != []
