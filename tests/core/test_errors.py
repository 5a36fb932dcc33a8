import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import (
    AppError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
    from_database,
)


def database_error(state: str) -> DBAPIError:
    cause = psycopg.errors.lookup(state)("constraint secret_name on table secret_table")
    return DBAPIError("SELECT 1", {}, cause)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("23505", ConflictError),
        ("23503", NotFoundError),
        ("23514", InvalidInputError),
        ("22P02", InvalidInputError),
        ("22003", InvalidInputError),
        ("40001", UnavailableError),
        ("40P01", UnavailableError),
        ("55P03", UnavailableError),
        ("57014", UnavailableError),
        ("57P01", UnavailableError),
        ("53300", UnavailableError),
        ("08006", UnavailableError),
        ("42501", AppError),
        ("42601", AppError),
    ],
)
def test_a_database_error_becomes_its_public_kind_and_names_nothing(
    state: str, expected: type[AppError]
) -> None:
    error = from_database(database_error(state))
    assert type(error) is expected
    assert "secret" not in error.message


def test_a_broken_connection_asks_for_another_try() -> None:
    error = from_database(
        DBAPIError("SELECT 1", {}, psycopg.OperationalError("server closed the connection"))
    )
    assert (error.status, error.retry_after) == (503, 2)


def test_an_exhausted_pool_asks_for_another_try() -> None:
    assert type(from_database(PoolTimeoutError())) is UnavailableError


def test_anything_else_is_our_fault() -> None:
    assert from_database(KeyError("secret")).code == "internal_error"


def test_the_docstring_is_the_sentence_unless_another_is_given() -> None:
    assert NotFoundError().message == "There is nothing here that you may see."
    given = ConflictError("This name is taken.", field="name")
    assert (given.message, given.field, str(given)) == ("This name is taken.", "name", "This name is taken.")
