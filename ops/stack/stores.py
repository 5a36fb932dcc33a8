"""Which stores this machine's programs use: those named by settings, or servers of our own under the state folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.config import Settings
from ops.stack.databases import DatabaseUrls, as_environment, create_databases, database_urls
from ops.stack.process import ProcessSpec
from ops.stores.postgres import PostgresServer, postgres_spec, prepared_postgres
from ops.stores.redis import CACHE, SOCKETS, prepared_redis, redis_spec


class StoreSettingsError(Exception):
    """Some of a real server's settings are given, and others that belong to them are not."""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """The servers to start, and the settings that lead to them. `postgres` is None when a real one is named."""

    specs: list[ProcessSpec]
    environment: Mapping[str, str]
    postgres: PostgresServer | None
    urls: DatabaseUrls

    def create_databases(self) -> None:
        """Create the databases on a server of ours; a real server's operator has made them."""
        if self.postgres is not None:
            create_databases(self.postgres, self.urls)


def choose_stores(settings: Settings, state_directory: Path) -> Stores:
    """Prepare the stores that no setting names, without starting them.

    Raises StoreSettingsError when a real PostgreSQL is named for one program and not for the others.
    """
    specs, environment = [], {}
    postgres: PostgresServer | None = None
    if settings.database_url:
        urls = _named_urls(settings)
    else:
        postgres = prepared_postgres(state_directory / "pg")
        urls = database_urls(postgres, state_directory / "roles.json")
        specs.append(postgres_spec(postgres))
    redis_url, realtime_redis_url = settings.redis_url, settings.realtime_redis_url
    if not redis_url:
        redis = prepared_redis(state_directory / "redis")
        redis_url, realtime_redis_url = redis.url_of(CACHE), redis.url_of(SOCKETS)
        specs.append(redis_spec(redis))
    environment = {
        **as_environment(urls),
        "HOMEROOM_REDIS_URL": redis_url,
        "HOMEROOM_REALTIME_REDIS_URL": realtime_redis_url,
        "HOMEROOM_WAREHOUSE_URL": _named_or("HOMEROOM_WAREHOUSE_URL", state_directory / "warehouse"),
        "HOMEROOM_STORAGE_URL": _named_or("HOMEROOM_STORAGE_URL", state_directory / "storage"),
        "HOMEROOM_OUTBOX_PATH": _named_or("HOMEROOM_OUTBOX_PATH", state_directory / "outbox"),
        "HOMEROOM_KEYS_PATH": _named_or("HOMEROOM_KEYS_PATH", state_directory / "keys.json"),
    }
    return Stores(specs=specs, environment=environment, postgres=postgres, urls=urls)


def _named_urls(settings: Settings) -> DatabaseUrls:
    needed = {
        "HOMEROOM_PIPELINE_DATABASE_URL": settings.pipeline_database_url,
        "HOMEROOM_DAGSTER_DATABASE_URL": settings.dagster_database_url,
    }
    if missing := [name for name, value in needed.items() if not value]:
        raise StoreSettingsError(
            f"HOMEROOM_DATABASE_URL names a real PostgreSQL; set {' and '.join(missing)} too"
        )
    return DatabaseUrls(
        admin=settings.admin_database_url,
        app=settings.database_url,
        pipeline=settings.pipeline_database_url,
        dagster=settings.dagster_database_url,
    )


def _named_or(setting: str, path: Path) -> str:
    return os.environ.get(setting) or str(path.resolve())
