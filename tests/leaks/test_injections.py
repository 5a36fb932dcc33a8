"""SQL in every string, path part and query parameter: no other tenant, no error of ours."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.factories.saving import canary
from tests.factories.world import DistrictBench, make_district_bench
from tests.fixtures.web import Api
from tests.leaks.bench import own_values
from tests.leaks.operations import PUBLIC, SAMPLES, Operation

PAYLOADS = [
    "' OR '1'='1",
    "' OR 1=1 --",
    "x'; SELECT set_config('app.district_id', '{victim}', true); --",
    "') UNION SELECT name FROM app.users --",
    "%' OR district_id = '{victim}",
    "1; DROP TABLE app.grades",
    "\\'; SELECT pg_sleep(3); --",
    "{victim}",
    "%(district_id)s",
    ":district_id",
    "$1",
    "nul\x00byte",
    "\ud7ff\u202e",
]


@pytest.fixture(scope="module")
def two(rows: Session) -> tuple[DistrictBench, DistrictBench]:
    return make_district_bench(rows), make_district_bench(rows)


def poisoned_requests(
    operation: Operation, values: dict[str, str], parameters: list[str], payload: str
) -> Iterator[dict[str, Any]]:
    """The rightful request with the payload in one place after the other."""
    for slot in operation.slots:
        if f"{{{slot}}}" in operation.path:
            yield operation.request({**values, slot: _as_path(payload)})
    request = operation.request(values, with_query=False)
    for name in parameters:
        yield {**request, "params": {name: payload}}
    for path in _strings(request.get("json")):
        body = copy.deepcopy(request["json"])
        _put(body, path, payload)
        yield {**request, "json": body}


@pytest.mark.parametrize("name", [name for name in SAMPLES if not name.endswith(("z", "/metrics"))])
async def test_no_injection_shows_another_tenant_or_breaks_anything(
    *,
    api: Api,
    two: tuple[DistrictBench, DistrictBench],
    all_operations: list[Operation],
    document: dict[str, Any],
    name: str,
) -> None:
    ours, victim = two
    operation = next(operation for operation in all_operations if str(operation) == name)
    school, caller = ours.schools[0], operation.sample.caller
    client = api.anonymous if caller == PUBLIC else api.signed_in(getattr(school, caller))
    parameters = _query_parameters(document, operation)
    tried = 0
    for payload in [payload.replace("{victim}", str(victim.district.district_id)) for payload in PAYLOADS]:
        for request in poisoned_requests(operation, own_values(ours, school), parameters, payload):
            answer = await client.request(**request)
            tried += 1
            assert answer.status_code < 500, request
            assert canary(victim.district.district_id)[:18].lower() not in answer.text.lower(), request
    assert tried or not (parameters or operation.slots or operation.sample.body)


def _query_parameters(document: dict[str, Any], operation: Operation) -> list[str]:
    described = document["paths"][operation.path][operation.method.lower()].get("parameters", [])
    return [parameter["name"] for parameter in described if parameter["in"] == "query"]


def _as_path(payload: str) -> str:
    return "".join(f"%{byte:02x}" for byte in payload.encode())


def _strings(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, str):
        yield path
    elif isinstance(node, dict | list):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            yield from _strings(value, (*path, key))


def _put(node: Any, path: tuple[Any, ...], payload: str) -> None:
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = payload


def test_every_string_of_a_body_is_reached() -> None:
    body = json.loads('{"a": "x", "b": [{"c": "y"}], "d": 1}')
    assert list(_strings(body)) == [("a",), ("b", 0, "c")]
    _put(body, ("b", 0, "c"), "z")
    assert body["b"] == [{"c": "z"}]
