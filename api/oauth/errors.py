"""Refusals in the words of RFC 6749: `error` codes, not the envelope."""

from fastapi import Request
from fastapi.responses import JSONResponse


class TokenRefusedError(Exception):
    """A request to the token endpoint that is refused; answered as RFC 6749 section 5.2 writes it."""

    def __init__(self, error: str, description: str) -> None:
        self.error = error
        self.description = description
        super().__init__(description)


class AuthorizationRefusedError(Exception):
    """An authorisation that ends with an error at the client's address."""

    def __init__(self, error: str, description: str) -> None:
        self.error = error
        self.description = description
        super().__init__(description)


class ChildAtApplicationError(Exception):
    """A child whose guardian decides: other applications are third parties. Said on the page, never to the client."""


class PageRefusedError(Exception):
    """A request that must not be sent anywhere: its client or its address is not known. Shown to the person."""


async def answer_refusal(_request: Request, error: Exception) -> JSONResponse:
    """The application's handler of TokenRefusedError."""
    if not isinstance(error, TokenRefusedError):
        raise TypeError("not a refusal") from error
    return JSONResponse({"error": error.error, "error_description": error.description}, 400)


def invalid_grant() -> TokenRefusedError:
    """One answer for every code and token that is not good, so that none tells why."""
    return TokenRefusedError(
        "invalid_grant", "The code or token is unknown, used, expired or another client's."
    )
