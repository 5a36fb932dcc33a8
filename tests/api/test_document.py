"""The OpenAPI document as somebody meets it who has never seen the API."""

from typing import Any

import pytest

from api.document import TAGS
from api.main import create_app

DOCUMENT: dict[str, Any] = create_app().openapi()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in sorted(DOCUMENT["paths"].items())
    for method, operation in methods.items()
}
WITH_BODY = [name for name, operation in OPERATIONS.items() if "requestBody" in operation]


def body_schema(operation: dict[str, Any]) -> dict[str, Any]:
    content = next(iter(operation["requestBody"]["content"].values()))
    schema = content["schema"].get("anyOf", [content["schema"]])[0]
    return resolved(schema)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["schemas"][name] if name else schema


def shows_a_value(field: dict[str, Any]) -> bool:
    """Whether a reader sees a plausible value: an example, or the only values there are."""
    kinds = [resolved(kind) for kind in [field, *field.get("anyOf", []), *field.get("oneOf", [])]]
    deeper = [resolved(kind["items"]) for kind in kinds if "items" in kind]
    return any({"examples", "const", "enum"} & kind.keys() for kind in [*kinds, *deeper]) or all(
        kind.get("type") in {"array", "object"} for kind in kinds
    )


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_route_says_what_it_does(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"].strip()


def test_every_tag_is_described_and_used() -> None:
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    assert used == set(TAGS)
    assert [tag["name"] for tag in DOCUMENT["tags"]] == list(TAGS)


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_shows_what_to_send(name: str) -> None:
    schema = body_schema(OPERATIONS[name])
    bare = [
        field for field, described in schema.get("properties", {}).items() if not shows_a_value(described)
    ]
    assert bare == []
