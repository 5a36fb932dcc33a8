"""Optimistic concurrency: `ETag` tells which version was read, `If-Match` which one a change was meant for."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response

from core.errors import AppError

ANY_VERSION = "*"


class PreconditionRequiredError(AppError):
    """Send If-Match with the ETag you read, so that nobody else's change is lost."""

    status = 428
    code = "precondition_required"


class StaleVersionError(AppError):
    """Somebody has changed this since you read it; read it again."""

    status = 412
    code = "stale_version"


@dataclass(frozen=True)
class Precondition:
    """What the caller says they have seen; None when they do not say."""

    if_match: str | None

    def require(self, version: int) -> None:
        """Raise PreconditionRequiredError without `If-Match`, StaleVersionError when it names other versions."""
        if self.if_match is None:
            raise PreconditionRequiredError(field="If-Match")
        named = {tag.strip() for tag in self.if_match.split(",")}
        if not named & {etag_of(version), ANY_VERSION}:
            raise StaleVersionError(field="If-Match")


def etag_of(version: int) -> str:
    return f'"{version}"'


def show_version(response: Response, version: int) -> None:
    """Answer the `ETag` of what the body shows."""
    response.headers["ETag"] = etag_of(version)


async def get_precondition(
    if_match: Annotated[
        str | None,
        Header(max_length=200, description='Required: the ETag you read (`"3"`), or `*` for any'),
    ] = None,
) -> Precondition:
    return Precondition(if_match)


IfMatch = Annotated[Precondition, Depends(get_precondition)]
"""Of a change; judged after the row is found, so that foreign ids stay 404."""
