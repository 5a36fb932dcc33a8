"""The databases and roles that the programs of one machine use, on the PostgreSQL that `homeroom up` started."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from core.config import plain_url
from migrations.roles import set_password
from ops.stores.postgres import PostgresServer

DATABASE = "homeroom"
DAGSTER = "dagster"


@dataclass(frozen=True, kw_only=True)
class DatabaseUrls:
    """One URL per reader of HOMEROOM_*_DATABASE_URL, each with its own role."""

    admin: str
    app: str
    pipeline: str
    dagster: str


def database_urls(server: PostgresServer, passwords_path: Path) -> DatabaseUrls:
    """Return the URLs for a server of ours; each role's password is made once and kept in `passwords_path`."""
    passwords = _kept_passwords(passwords_path, ("app_rw", "pipeline_rw", DAGSTER))

    def url(role: str, *, database: str = DATABASE, driver: str = "psycopg") -> str:
        return server.dsn(database=database, user=role, password=passwords[role], driver=driver)

    return DatabaseUrls(
        admin=server.dsn(database=DATABASE, driver="psycopg"),
        app=url("app_rw"),
        pipeline=url("pipeline_rw"),
        dagster=url(DAGSTER, database=DAGSTER, driver="psycopg2"),
    )


def create_databases(server: PostgresServer, urls: DatabaseUrls) -> None:
    """Create our database, and Dagster's with a role that owns only that; what exists is left alone."""
    password = psycopg.conninfo.conninfo_to_dict(plain_url(urls.dagster))["password"]
    role, database = sql.Identifier(DAGSTER), sql.Identifier(DATABASE)
    with psycopg.connect(server.admin_dsn, autocommit=True) as connection:
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", DAGSTER):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(password)))
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DAGSTER):
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(role))
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(database))


def migrate(admin_url: str, code_directory: Path) -> None:
    """Bring the schema, roles and grants to the newest migration."""
    configuration = Config(
        toml_file=code_directory / "pyproject.toml", attributes={"database_url": admin_url}
    )
    command.upgrade(configuration, "head")


def set_role_passwords(urls: DatabaseUrls) -> None:
    """Give the roles that the migration made the passwords that stand in their URLs."""
    engine = create_engine(urls.admin, poolclass=NullPool)
    with engine.connect() as connection:
        for url in (urls.app, urls.pipeline):
            set_password(connection, url)


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None


def _kept_passwords(path: Path, roles: tuple[str, ...]) -> dict[str, str]:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(
            json.dumps({role: secrets.token_hex(24) for role in roles}, indent=2), encoding="utf-8"
        )
    passwords: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return passwords


def as_environment(urls: DatabaseUrls) -> dict[str, str]:
    """Return the settings our programs read the URLs from."""
    return {
        "HOMEROOM_ADMIN_DATABASE_URL": urls.admin,
        "HOMEROOM_DATABASE_URL": urls.app,
        "HOMEROOM_PIPELINE_DATABASE_URL": urls.pipeline,
        "HOMEROOM_DAGSTER_DATABASE_URL": urls.dagster,
    }
