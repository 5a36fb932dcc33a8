"""Alembic's entry: prepares roles and schemas as the admin, then migrates as `app_owner`."""

from alembic import context
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.pool import NullPool

from core.config import get_settings
from core.models import SCHEMA, Base
from core.models.interaction_event import TransactionId
from migrations.roles import prepare_database

VERSION_SCHEMA = "app"
ischema_names["xid8"] = TransactionId  # a type SQLAlchemy's reflection does not know yet


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Compare the app's schema only: `auth` and `jobs` are written in SQL, by hand and by procrastinate."""
    return name == SCHEMA if kind == "schema" else True


def configure(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=include_name,
        version_table_schema=VERSION_SCHEMA,
        compare_server_default=False,
    )


def run_migrations(connection: Connection) -> None:
    prepare_database(connection)
    connection.execute(text("SET ROLE app_owner"))
    connection.execute(text("SET lock_timeout = '2s'"))
    connection.commit()
    configure(connection)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


def main() -> None:
    """Migrations name schemas in full: autogenerate must not take `app` for the default one."""
    url: str = context.config.attributes.get("database_url") or get_settings().admin_database_url
    engine = create_engine(url, poolclass=NullPool, connect_args={"options": "-c search_path=public"})
    with engine.connect() as connection:
        run_migrations(connection)


main()
