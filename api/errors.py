"""Turns every failure into the envelope with a stable code; stack traces never leave."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api.envelope import ErrorEnvelope, ErrorItem
from core.errors import AppError, from_database

logger = structlog.get_logger(__name__)

HTTP_CODES = {
    400: ("bad_request", "The request is not valid."),
    404: ("not_found", "There is nothing here that you may see."),
    405: ("method_not_allowed", "This address does not answer to that method."),
    413: ("too_large", "The request is too large."),
    415: ("unsupported_media_type", "Send JSON."),
}
"""What the framework itself refuses, by status: stable code and sentence."""


def install_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(SQLAlchemyError, _database_error)


def error_response(status: int, items: list[ErrorItem], retry_after: int | None = None) -> JSONResponse:
    """Build the envelope of a failure; its first item is also the message."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = ErrorEnvelope(message=items[0].message, errors=items)
    return JSONResponse(body.model_dump(), status_code=status, headers=headers)


async def _app_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, AppError):
        raise TypeError("not ours") from error
    item = ErrorItem(code=error.code, message=error.message, field=error.field)
    return error_response(error.status, [item], error.retry_after)


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise TypeError("not a validation error") from error
    if isinstance(error.body, bytes):  # the framework reads JSON alone, and only what calls itself JSON
        return await _http_error(request, HTTPException(415))
    return error_response(422, [_validation_item(detail) for detail in error.errors()])


def _validation_item(detail: dict[str, Any]) -> ErrorItem:
    _source, *path = detail["loc"]  # the source is body, query, path or header
    is_unreadable = detail["type"] == "json_invalid"  # then the path is a position in the text, not a field
    place = "" if is_unreadable else ".".join(str(part) for part in path)
    return ErrorItem(code=f"invalid_{detail['type']}", message=detail["msg"], field=place or None)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise TypeError("not an HTTP error") from error
    code, message = HTTP_CODES.get(error.status_code, ("http_error", "The request could not be answered."))
    response = error_response(error.status_code, [ErrorItem(code=code, message=message)])
    response.headers.update(error.headers or {})
    return response


async def _database_error(request: Request, error: Exception) -> JSONResponse:
    translated = from_database(error)
    if translated.status >= 500:
        logger.error(
            "database_error",
            error=type(error).__name__,
            state=_sqlstate(error),
            route=route_of(request.scope),
        )
    return await _app_error(request, translated)


def unexpected_error(scope: Scope, error: Exception) -> JSONResponse:
    """Log what nobody expected and answer 500 without a word of it."""
    logger.error("unexpected_error", error=type(error).__name__, route=route_of(scope), exc_info=error)
    return error_response(500, [ErrorItem(code=AppError.code, message=AppError().message)])


def _sqlstate(error: Exception) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def route_of(scope: Scope) -> str:
    """The route's whole template, not the path: logs carry no ids."""
    included = scope.get("fastapi", {}).get("effective_route_context")  # it knows the prefixes
    return getattr(included or scope.get("route"), "path", "unknown")
