"""Database roles, schemas and the extension: what only the admin may make, before `app_owner` migrates.

No role bypasses row security except `backup`, which nothing else uses (a logical dump under row security
is silently empty).
"""

from sqlalchemy import Connection, make_url, text

ROLES = {
    "app_owner": "NOLOGIN",
    "auth_owner": "NOLOGIN",
    "app_rw": "LOGIN",
    "pipeline_rw": "LOGIN",
    "backup": "LOGIN BYPASSRLS",
}
SCHEMAS = {"app": "app_owner", "jobs": "app_owner", "auth": "auth_owner"}
ROLE_SETTINGS = {
    "app_rw": {
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "15s",
        "synchronous_commit": "on",  # whatever the server's default: what is acknowledged is on disk
    },
    "pipeline_rw": {
        "statement_timeout": "15min",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "10min",
    },
}


def prepare_database(connection: Connection) -> None:
    """Create what is missing; safe to run before every migration."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('homeroom-roles'))"))
    _create_roles(connection)
    _create_schemas(connection)
    _create_extension(connection)
    connection.commit()


def set_password(connection: Connection, database_url: str) -> None:
    """Give the role named in a connection URL the password that stands there."""
    url = make_url(database_url)
    if url.username not in ROLES or not url.password:
        raise ValueError(f"the URL must name one of our roles and its password, not {url.username!r}")
    quoted = connection.scalar(text("SELECT quote_literal(:password)"), {"password": url.password})
    connection.execute(text(f"ALTER ROLE {url.username} PASSWORD {quoted}"))
    connection.commit()


def _create_roles(connection: Connection) -> None:
    present = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    for role, attributes in ROLES.items():
        if role not in present:
            connection.execute(text(f"CREATE ROLE {role} {attributes} NOSUPERUSER NOCREATEDB NOCREATEROLE"))
            for setting, value in ROLE_SETTINGS.get(role, {}).items():
                connection.execute(text(f"ALTER ROLE {role} SET {setting} = '{value}'"))
    connection.execute(text("GRANT pg_read_all_data TO backup"))
    for owner in ("app_owner", "auth_owner"):
        connection.execute(text(f"GRANT {owner} TO CURRENT_USER"))


def _create_schemas(connection: Connection) -> None:
    database = connection.scalar(text("SELECT quote_ident(current_database())"))
    connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    for schema, owner in SCHEMAS.items():
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner}"))
    connection.execute(text(f"ALTER DATABASE {database} SET search_path = app, jobs, public"))
    connection.execute(text("GRANT USAGE ON SCHEMA app, jobs, auth TO app_owner, auth_owner, app_rw"))
    connection.execute(text("GRANT USAGE ON SCHEMA app TO pipeline_rw"))


def _create_extension(connection: Connection) -> None:
    """TimescaleDB where the server has it; the same migrations leave a plain table elsewhere."""
    available = text("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'")
    if connection.scalar(available):
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA public"))
