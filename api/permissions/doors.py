"""Every route's door, read from the application itself: what the permission table opens, route by route."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from api.deps import Allowed, Public
from api.rate_limits import Bucket
from core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Door:
    """A route and who may pass it: `permission` is None where it is public."""

    method: str
    path: str
    permission: Permission | None
    bucket: Bucket

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors_of(app: FastAPI) -> list[Door]:
    """Return the doors of an application's routes, in the order of their paths; routes without one are left out."""
    doors = [door for context in iter_route_contexts(app.routes) for door in _doors_of_route(context)]
    return sorted(doors, key=lambda door: (door.path, door.method))


def dependencies_of(dependant: Dependant) -> Iterator[Any]:
    """Everything a route depends on, at any depth."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies_of(inner)


def _doors_of_route(context: RouteContext) -> Iterator[Door]:
    if not isinstance(context.route, APIRoute):
        return
    for call in dependencies_of(context.dependant):
        if isinstance(call, Allowed | Public):
            permission = call.permission if isinstance(call, Allowed) else None
            for method in sorted(context.methods or ()):
                yield Door(method, context.path or "", permission, call.bucket)
