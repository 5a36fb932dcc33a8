"""Reading answers: every one of them is the envelope, or the test fails here."""

from typing import Any

import httpx2


def data_of(response: httpx2.Response, status: int = 200) -> Any:
    """Return the `data` of a success."""
    assert response.status_code == status, response.text
    body = response.json()
    assert body["success"] is True
    assert body["errors"] == []
    return body["data"]


def items_of(response: httpx2.Response) -> list[Any]:
    """Return the rows of a page."""
    items: list[Any] = data_of(response)["items"]
    return items


def refusal_of(response: httpx2.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """Return the first error of a refusal; its sentence is also the envelope's message."""
    assert response.status_code == status, response.text
    body = response.json()
    assert body["success"] is False
    assert body["data"] is None
    first: dict[str, Any] = body["errors"][0]
    assert body["message"] == first["message"]
    assert code is None or first["code"] == code, body
    return first


def fields_of(response: httpx2.Response) -> list[str | None]:
    """Return the fields a 422 names."""
    refusal_of(response, 422)
    return [error["field"] for error in response.json()["errors"]]
