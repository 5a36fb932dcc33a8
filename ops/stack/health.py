"""Is a program of ours well? Asked over HTTP, by opening its port, or by its heartbeat in the database."""

import socket
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg

from core.config import plain_url
from ops.stack.ports import LOOPBACK

_SECONDS = 2.0
_CLOCK_SKEW = timedelta(seconds=2)  # the database may be on another machine


def answers_http(url: str) -> Callable[[], bool]:
    """Return a check that is true when a GET of `url` answers 2xx within two seconds."""

    def check() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS) as response:  # noqa: S310 - our own loopback address
                return bool(200 <= response.status < 300)
        except OSError:  # refused, reset, timed out, and HTTPError: all are "not yet"
            return False

    return check


def accepts_tcp(port: int) -> Callable[[], bool]:
    """Return a check that is true when something accepts connections on the loopback port."""

    def check() -> bool:
        try:
            with socket.create_connection((LOOPBACK, port), timeout=_SECONDS):
                return True
        except OSError:
            return False

    return check


class Heartbeat:
    """The sign of life of a program without a port: a row newer than its start.

    `statement` counts such rows and takes one parameter, the moment of the start.
    """

    def __init__(self, database_url: str, statement: str) -> None:
        self._database_url = plain_url(database_url)
        self._statement = statement
        self._since = datetime.now(UTC)

    def expect(self) -> None:
        """Note that the program starts now: an earlier one's rows no longer count."""
        self._since = datetime.now(UTC) - _CLOCK_SKEW

    def has_come(self) -> bool:
        """Tell whether the program has written since."""
        try:
            with psycopg.connect(self._database_url, connect_timeout=2) as connection:
                row = connection.execute(self._statement, [self._since]).fetchone()
        except psycopg.Error:  # also while the table is not made yet
            return False
        return row is not None and row[0] > 0
