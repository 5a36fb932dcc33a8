"""The stores are real servers: started, killed and started again."""

import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.emit import USERS_CHANNEL
from core.session_marks import ENDED_CHANNEL
from ops.stack.ports import any_free_port
from ops.stores.lock import InUseError, exclusive, holder
from ops.stores.postgres import PostgresServer, running_postgres
from ops.stores.redis import CACHE, SOCKETS, RedisServer, running_redis
from ops.tools.timescale import TimescaleMissingError, running_timescale, timescale_is_provisioned
from realtime.attendance import PRESENCE_CHANNEL

pytestmark = pytest.mark.fault
_NO_RETRY = Retry(NoBackoff(), 0)


def test_postgres_keeps_its_data_and_password_between_runs(tmp_path: Path) -> None:
    with running_postgres(tmp_path) as server:
        _execute(server, "CREATE TABLE kept (x int)", "INSERT INTO kept VALUES (1)")
        password = server.password
    with running_postgres(tmp_path) as server:
        assert _rows(server, "SELECT x FROM kept") == [(1,)]
        assert server.password == password


def test_what_postgres_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    with running_postgres(tmp_path) as server:
        _execute(server, "CREATE TABLE kept (x int)", "INSERT INTO kept VALUES (1)")
        os.kill(_postmaster(tmp_path), signal.SIGKILL)
    with running_postgres(tmp_path) as server:
        assert _rows(server, "SELECT x FROM kept") == [(1,)]


def test_a_stale_postmaster_file_that_names_a_living_stranger_is_no_obstacle(tmp_path: Path) -> None:
    with running_postgres(tmp_path) as server:
        pid_file = (tmp_path / "data" / "postmaster.pid").read_text()
        owner = (tmp_path / "data").stat()
    stale = tmp_path / "data" / "postmaster.pid"
    stale.write_text("\n".join([str(os.getpid()), *pid_file.splitlines()[1:]]))
    os.chown(stale, owner.st_uid, owner.st_gid)
    with running_postgres(tmp_path) as server:
        assert _rows(server, "SELECT 1") == [(1,)]


def test_an_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "half").touch()
    with running_postgres(tmp_path, durable=False) as server:
        assert _rows(server, "SELECT 1") == [(1,)]


def test_postgres_refuses_a_wrong_password(tmp_path: Path) -> None:
    with running_postgres(tmp_path, durable=False) as server:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.dsn(password="guess"))
        assert stat.S_IMODE((tmp_path / "postgres.password").stat().st_mode) == 0o600


def test_postgres_takes_the_next_port_when_its_own_is_busy(tmp_path: Path) -> None:
    port = any_free_port()
    with (
        running_postgres(tmp_path / "a", port=port, durable=False) as first,
        running_postgres(tmp_path / "b", port=port, durable=False) as second,
    ):
        assert first.port == port
        assert second.port > port


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its servers to another account")
def test_a_folder_closed_since_the_last_run_is_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        (tmp_path / "closed").mkdir(mode=0o700, exist_ok=True)
        (tmp_path / "closed").chmod(0o700)
        with running_postgres(tmp_path / "closed" / "pg", durable=False) as server:
            assert _rows(server, "SELECT 1") == [(1,)]


def test_one_folder_is_never_run_twice(tmp_path: Path) -> None:
    taken = pytest.raises(InUseError, match=str(os.getpid()))
    with exclusive(tmp_path / "postgres.lock"), taken, running_postgres(tmp_path):
        pytest.fail("a second server started over the same data")


def test_a_lock_names_its_holder_only_while_it_is_held(tmp_path: Path) -> None:
    with exclusive(tmp_path / "a.lock"):
        assert holder(tmp_path / "a.lock") == os.getpid()
    assert holder(tmp_path / "a.lock") is None


def test_redis_keeps_its_data_between_runs(tmp_path: Path) -> None:
    with running_redis(tmp_path) as server, _client(server) as client:
        client.set("kept", "yes")
    with running_redis(tmp_path) as server, _client(server) as client:
        assert client.get("kept") == b"yes"


def test_redis_killed_without_warning_starts_again(tmp_path: Path) -> None:
    with running_redis(tmp_path) as server, _client(server) as client:
        client.set("kept", "yes")
        os.kill(client.info()["process_id"], signal.SIGKILL)
    with running_redis(tmp_path) as server, _client(server) as client:
        assert client.get("kept") == b"yes"


def test_redis_answers_nobody_without_the_password(tmp_path: Path) -> None:
    with running_redis(tmp_path) as server, pytest.raises(redis.AuthenticationError):
        redis.Redis(host=server.host, port=server.port, retry=_NO_RETRY).ping()


@pytest.mark.skipif(
    not timescale_is_provisioned(), reason="no TimescaleDB here: run `make tools` as root on Debian"
)
def test_the_provisioned_timescale_makes_and_drops_chunks() -> None:
    with running_timescale() as server:
        _execute(
            server,
            "CREATE EXTENSION timescaledb",
            "CREATE TABLE e (t timestamptz NOT NULL)",
            "SELECT create_hypertable('e', by_range('t', interval '7 days'))",
            "INSERT INTO e SELECT timestamptz '2026-01-01' + i * interval '1 day' FROM generate_series(0, 69) i",
            "SELECT drop_chunks('e', older_than => timestamptz '2026-02-01')",
        )
        assert 0 < _rows(server, "SELECT count(*) FROM e")[0][0] < 70


def test_a_missing_timescale_root_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEROOM_TIMESCALE_ROOT", str(tmp_path))
    with pytest.raises(TimescaleMissingError, match="make tools"), running_timescale():
        pytest.fail("a server started from an empty folder")


def _execute(server: PostgresServer, *statements: str) -> None:
    with psycopg.connect(server.admin_dsn) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _rows(server: PostgresServer, query: str) -> list[tuple[int, ...]]:
    with psycopg.connect(server.admin_dsn) as connection:
        return connection.execute(query.encode()).fetchall()


def _postmaster(state_directory: Path) -> int:
    return int((state_directory / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_who_limits_and_caches_cannot_speak_to_sockets_nor_the_other_way_round(tmp_path: Path) -> None:
    """A stolen password of the cache is no way to tell anybody anything, and one of the sockets reads no cache."""
    with (
        running_redis(tmp_path) as server,
        redis.Redis.from_url(server.url_of(CACHE), retry=_NO_RETRY) as cache,
        redis.Redis.from_url(server.url_of(SOCKETS), retry=_NO_RETRY) as sockets,
    ):
        cache.set("d1:session:2", "alive", ex=60)
        for channel in (USERS_CHANNEL, ENDED_CHANNEL, PRESENCE_CHANNEL):
            with pytest.raises(redis.ResponseError, match="no permissions"):
                cache.publish(channel, "{}")
            with pytest.raises(redis.ResponseError, match="no permissions"):
                cache.execute_command("SUBSCRIBE", channel)
            assert sockets.publish(channel, "{}") == 0
        sockets.hset("d1:presence:2", "node", "online:1")
        for forbidden in (
            ("GET", "d1:session:2"),
            ("HSET", "d1:session:2", "a", "b"),
            ("PUBLISH", "elsewhere", "{}"),
            ("KEYS", "*"),
            ("FLUSHALL",),
            ("CONFIG", "GET", "requirepass"),
        ):
            with pytest.raises(redis.ResponseError, match="no permissions"):
                sockets.execute_command(*forbidden)
        for forbidden in (("FLUSHALL",), ("CONFIG", "GET", "requirepass"), ("ACL", "LIST"), ("SHUTDOWN",)):
            with pytest.raises(redis.ResponseError, match="no permissions"):
                cache.execute_command(*forbidden)


def test_an_installation_of_before_is_given_the_users_and_keeps_its_password(tmp_path: Path) -> None:
    configuration = tmp_path / "redis.conf"
    configuration.write_text("requirepass long-known\n")
    with running_redis(tmp_path) as server, redis.Redis.from_url(server.url_of(SOCKETS)) as client:
        assert server.password == "long-known"
        assert client.publish(USERS_CHANNEL, "{}") == 0
    with running_redis(tmp_path) as again:
        assert again.passwords == server.passwords


def _client(server: RedisServer) -> redis.Redis:
    return redis.Redis.from_url(server.url, retry=_NO_RETRY)
