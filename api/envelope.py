"""The one shape of every JSON answer, error answers included."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")


class ErrorItem(BaseModel):
    """One thing that went wrong: a stable `code`, a sentence, and the field it is about."""

    code: str
    message: str
    field: str | None = None


class Envelope(BaseModel, Generic[T]):
    success: bool = True
    data: T
    message: str | None = None
    errors: list[ErrorItem] = Field(default_factory=list)


class ErrorEnvelope(BaseModel):
    success: bool = False
    data: None = None
    message: str | None
    errors: list[ErrorItem]


class Page(BaseModel, Generic[T]):
    """A keyset page: pass `next_cursor` back as `cursor` for the rows after these; null on the last page."""

    items: list[T]
    next_cursor: Annotated[str | None, Field(description="Opaque; null on the last page")] = None


def ok(data: T, message: str | None = None) -> Envelope[T]:
    return Envelope(data=data, message=message)


ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorEnvelope, "description": description}
    for status, description in {
        400: "Not readable",
        401: "Not signed in",
        403: "Your role may not do this",
        404: "Unknown, foreign or deleted",
        409: "Clashes with what exists",
        412: "Changed since you read it; see ETag",
        413: "Too large",
        415: "Not JSON",
        422: "Not valid",
        428: "Send If-Match",
        429: "Too many requests; see Retry-After",
        503: "Busy or restarting; see Retry-After",
    }.items()
}
