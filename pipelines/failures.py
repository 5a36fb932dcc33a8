"""Which trouble is worth another try, and which is not.

A connection that broke or a lock that was busy goes away by itself: the step is tried again, a few times. Rows
that do not fit, a damaged file or a missing setting do not: the run ends at once and says why.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from dagster import Failure, RetryRequested

from warehouse.manifest import WarehouseError
from warehouse.storage import StorageConflictError

RETRIES = 3
RETRY_SECONDS = 2


class PermanentFailure(Failure):
    """Trying again would end the same way; the message says what a person must do."""

    def __init__(self, description: str) -> None:
        super().__init__(description=description, allow_retries=False)


@contextmanager
def classified() -> Iterator[None]:
    """Turn what the block raises into a retry or a PermanentFailure; anything unknown passes, and fails the run."""
    try:
        yield
    except (psycopg.OperationalError, StorageConflictError) as error:
        raise RetryRequested(max_retries=RETRIES, seconds_to_wait=RETRY_SECONDS) from error
    except (WarehouseError, psycopg.errors.InsufficientPrivilege) as error:
        raise PermanentFailure(str(error)) from error
