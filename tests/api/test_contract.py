"""Every operation with made-up input: never a 5xx, and always an answer as the OpenAPI document says."""

from typing import Any

import httpx2
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.api.routes import PUBLIC_ROUTES, ROUTES, ids_of
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api

pytestmark = pytest.mark.any_engine

EXAMPLES = 6
"""Per operation and role; the crawl of ids in tests/leaks is the thorough one."""

OPERATIONS = sorted({str(route) for route in ROUTES} | PUBLIC_ROUTES)


def made_up_cases(app: FastAPI, operation: str) -> list[Any]:
    """Return requests that fit the operation's description, the same in every run."""
    method, path = operation.split(" ")
    strategy = schemathesis.openapi.from_dict(app.openapi())[f"/api/v1{path}"][method].as_strategy()
    cases: list[Any] = []

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        deadline=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(case: Any) -> None:
        cases.append(case)

    collect()
    return cases


async def send(client: httpx2.AsyncClient, case: Any, real_ids: dict[str, Any]) -> httpx2.Response:
    """Send a made-up request; every second one with ids that exist, or it would only meet 404."""
    if real_ids:
        given_ids = case.path_parameters or {}
        case.path_parameters = {name: str(real_ids.get(name, given_ids[name])) for name in given_ids}
    parts = case.as_transport_kwargs(base_url="http://homeroom.test")
    known = {name: parts[name] for name in ("method", "url", "params", "headers", "json") if name in parts}
    headers = {name.lower(): value for name, value in (known.get("headers") or {}).items()}
    headers.pop("authorization", None)  # a made-up token opens nothing: the client has a good one
    known["headers"] = headers
    if "data" in parts:
        known["data" if isinstance(parts["data"], dict) else "content"] = parts["data"]  # a form, or bytes
    return await client.request(**known)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_made_up_requests_get_described_answers(
    api: Api, app: FastAPI, bench: DistrictBench, operation: str
) -> None:
    school = bench.schools[1]
    cases = made_up_cases(app, operation)
    assert cases
    for user in (school.teacher, school.student):
        for number, case in enumerate(cases):
            is_harmless = operation.startswith("GET")
            real_ids = ids_of(bench, school) if number % 2 and is_harmless else {}
            answer = await send(api.signed_in(user), case, real_ids)
            assert answer.status_code != 401 or "/auth/" in operation  # which may have signed them out
            assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text}"
            case.validate_response(answer, checks=[content_type_conformance, response_schema_conformance])
