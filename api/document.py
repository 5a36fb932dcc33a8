"""The OpenAPI document: what the routers say, completed by what surrounds every route."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI

from api.permissions.doors import Door, doors_of

TAGS = {
    "registration": "Arriving by role, and the proof that an address is one's own. Answers reveal nobody.",
    "invitations": "How teachers and admins are brought in.",
    "passwords": "Forgotten, reset and changed.",
    "consents": "Under 13 a guardian, or the school, decides scope by scope.",
    "auth": "Signing in, staying signed in, one's sessions and permissions.",
    "oauth": "Signing in to registered applications: OAuth 2.0, authorization code with PKCE. No envelope.",
    "sign-in through a provider": "Google, Microsoft or any OIDC issuer the installation lists.",
    "users": "Profiles, search within one's reach, and who read a student's record.",
    "classes": "Classes, their codes and who has a place.",
    "concepts": "What the district teaches, and what builds on what.",
    "assignments": "Quizzes: drafts, questions, publishing.",
    "question banks": "Questions kept to be used again, one's own and those the school shares.",
    "files": "Curriculum as it is: sent, scanned, read and gone within a day.",
    "curricula": "Sections found in files, edited, and asked about.",
    "submissions": "Attempts and answers, with a verdict at once.",
    "events": "What people did in the application, in batches.",
    "grades": "Grades and how they came about.",
    "analytics": "What the warehouse knows of classes and students, with `as_of`.",
    "progress": "How a student gets on and what to learn next.",
    "messages": "What teachers and students write to each other.",
    "notifications": "What one was told.",
    "jobs": "Background work one caused.",
    "health": "For machines: alive, ready, metrics.",
}
"""Each tag of a router, in the order of the pages."""

_HEADERS = {
    "X-Request-ID": "Name it when you report a problem",
    "RateLimit": 'How you stand: `"<policy>";r=<requests left>;t=<seconds>`',
    "RateLimit-Policy": 'What you may: `"<policy>";q=<requests>;w=<seconds>`',
    "Retry-After": "Seconds until it is worth trying again",
}

_ON_COUNTED_ANSWERS = ("X-Request-ID", "RateLimit", "RateLimit-Policy")
_ON_REFUSALS = {"429": "Retry-After", "503": "Retry-After"}

_REFUSALS_OF_A_BODY = ("400", "413", "415")
"""Unreadable, too large, not JSON: a route that takes no body cannot answer so."""


def describe(app: FastAPI) -> None:
    """Let the application's document name permissions, limits and headers too."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        is_new = app.openapi_schema is None
        document = plain()
        if is_new:
            complete(document, doors_of(app))
        return document

    app.openapi = described  # type: ignore[method-assign]  # the framework's own way


def complete(document: dict[str, Any], doors: Iterable[Door]) -> None:
    """Add to a document, in place, what the doors of its routes mean for callers."""
    headers = {name: _header(name) for name in _HEADERS}
    document.setdefault("components", {})["headers"] = headers
    for door in doors:
        operation = document["paths"].get(door.path, {}).get(door.method.lower())
        if operation is not None:
            _complete_operation(operation, door)


def _complete_operation(operation: dict[str, Any], door: Door) -> None:
    operation["x-permission"] = "public" if door.permission is None else door.permission.value
    operation["x-rate-limit"] = door.bucket.value
    if "requestBody" not in operation:
        for status in _REFUSALS_OF_A_BODY:
            if "ErrorEnvelope" in str(operation["responses"].get(status)):  # not an answer of the route's own
                del operation["responses"][status]
    for status, response in operation["responses"].items():
        names = [*_ON_COUNTED_ANSWERS, *filter(None, [_ON_REFUSALS.get(status)])]
        response.setdefault("headers", {}).update({name: _reference(name) for name in names})


def described_tags() -> list[dict[str, Any]]:
    """Return the tags as the document lists them."""
    return [{"name": name, "description": description} for name, description in TAGS.items()]


def _header(name: str) -> dict[str, Any]:
    return {"description": _HEADERS[name], "schema": {"type": "string"}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}
