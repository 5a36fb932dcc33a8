"""The crawled application: its OpenAPI document and its operations."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from core.keys import KeyRing
from tests.factories.world import World, make_world
from tests.leaks.operations import Operation, operations


@pytest.fixture(scope="session")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


@pytest.fixture(scope="session")
def all_operations(document: dict[str, Any]) -> list[Operation]:
    return operations(document)


@pytest.fixture(scope="module")
def attacked(rows: Session, keys: KeyRing) -> World:
    """Two districts x two schools; the first school of the first district is attacked."""
    return make_world(rows, keys)
