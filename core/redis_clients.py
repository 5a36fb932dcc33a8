"""How programs that answer people speak to Redis: with little patience and few connections."""

from redis.asyncio import BlockingConnectionPool, Redis

from core.config import Settings

CONNECTIONS = 32


def impatient_client(settings: Settings, url: str = "") -> Redis:
    """Return a client that gives up after the settings' milliseconds, of the limits' Redis unless a URL is given.

    A crowd waits for one of a few connections: beyond a limit the library would refuse them instead.
    """
    seconds = settings.redis_timeout_ms / 1000
    pool = BlockingConnectionPool.from_url(
        url or settings.redis_url,
        max_connections=CONNECTIONS,
        timeout=seconds,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
    )
    return Redis.from_pool(pool)
