import psycopg
import pytest
from dagster import RetryRequested

from pipelines.failures import RETRIES, PermanentFailure, classified
from warehouse.storage import StorageConflictError
from warehouse.writer import RowsRefusedError


@pytest.mark.parametrize(
    "error", [psycopg.OperationalError("gone"), psycopg.errors.LockNotAvailable(), StorageConflictError("x")]
)
def test_what_goes_away_by_itself_is_tried_again(error: Exception) -> None:
    with pytest.raises(RetryRequested) as caught, classified():
        raise error
    assert caught.value.max_retries == RETRIES


@pytest.mark.parametrize(
    "error", [RowsRefusedError("a column is missing"), psycopg.errors.InsufficientPrivilege()]
)
def test_what_would_end_the_same_way_is_not_tried_again(error: Exception) -> None:
    with pytest.raises(PermanentFailure) as caught, classified():
        raise error
    assert not caught.value.allow_retries


def test_an_unknown_error_passes_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), classified():
        _ = 1 / 0
