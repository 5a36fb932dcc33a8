"""Expected trouble: small classes with a status, a stable code and one plain sentence (the docstring)."""

from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class AppError(Exception):
    """Something went wrong on our side."""

    status = 500
    code = "internal_error"
    retry_after: int | None = None

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").split("\n", maxsplit=1)[0]
        self.field = field
        super().__init__(self.message)


class NotFoundError(AppError):
    """There is nothing here that you may see."""

    status = 404
    code = "not_found"


class ForbiddenError(AppError):
    """Your role may not do this."""

    status = 403
    code = "forbidden"


class UnauthenticatedError(AppError):
    """Sign in first."""

    status = 401
    code = "unauthenticated"


class InvalidInputError(AppError):
    """The request is not valid."""

    status = 422
    code = "invalid_input"


class ConflictError(AppError):
    """This clashes with something that exists already."""

    status = 409
    code = "conflict"


class UnavailableError(AppError):
    """The service is busy or restarting; try again in a moment."""

    status = 503
    code = "unavailable"
    retry_after = 2


@dataclass(frozen=True)
class _DatabaseFault:
    prefix: str
    error: type[AppError]


_DATABASE_FAULTS = [
    _DatabaseFault("23505", ConflictError),
    _DatabaseFault("23503", NotFoundError),
    _DatabaseFault("23502", InvalidInputError),
    _DatabaseFault("23514", InvalidInputError),
    _DatabaseFault("22", InvalidInputError),
    _DatabaseFault("40001", UnavailableError),
    _DatabaseFault("40P01", UnavailableError),
    _DatabaseFault("55P03", UnavailableError),
    _DatabaseFault("57", UnavailableError),
    _DatabaseFault("53", UnavailableError),
    _DatabaseFault("08", UnavailableError),
]


def from_database(error: Exception) -> AppError:
    """Translate a database error by its SQLSTATE; names of constraints and tables never leave the process."""
    if isinstance(error, PoolTimeoutError):
        return UnavailableError()
    if not isinstance(error, DBAPIError):
        return AppError()
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # psycopg gives no state when the connection itself broke
        return UnavailableError() if error.connection_invalidated or error.orig is not None else AppError()
    for fault in _DATABASE_FAULTS:
        if state.startswith(fault.prefix):
            return fault.error()
    return AppError()
