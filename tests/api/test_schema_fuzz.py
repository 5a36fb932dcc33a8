"""Made-up requests, good and bad, against all that guards an account: no 5xx, and nothing the document does not say.

tests/api/test_contract.py asks every route a little; this asks `/auth`, `/users` and the keys a lot.
"""

from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.models import User
from tests.api.test_contract import send
from tests.factories.world import DistrictBench
from tests.fixtures.web import Api
from tests.leaks.operations import PUBLIC, SAMPLES

pytestmark = pytest.mark.any_engine

GUARDED = ("/api/v1/auth", "/api/v1/users", "/.well-known")
OPERATIONS = sorted(name for name in SAMPLES if name.split(" ")[1].startswith(GUARDED))
EXAMPLES = 10
"""Per operation and mode; each is sent by every kind of caller."""

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def made_up_cases(app: FastAPI, operation: str, mode: GenerationMode) -> list[Any]:
    """Return requests that fit (or break) the operation's description, the same in every run."""
    method, path = operation.split(" ")
    described = schemathesis.openapi.from_dict(app.openapi())[path][method]
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
    @given(described.as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        cases.append(case)

    with suppress(Unsatisfiable):  # a route that takes nothing cannot be asked wrongly
        collect()
    return cases


def callers(bench: DistrictBench, operation: str) -> list[User | None]:
    """A public route asks nobody who they are; the others are asked by every role, too."""
    is_public = SAMPLES[operation].caller == PUBLIC
    return [None] if is_public else [None, bench.schools[0].student, bench.schools[0].teacher, bench.admin]


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_every_answer_is_one_the_document_describes(
    *, api: Api, app: FastAPI, bench: DistrictBench, operation: str, mode: GenerationMode
) -> None:
    cases = made_up_cases(app, operation, mode)
    assert cases or mode is GenerationMode.NEGATIVE
    for user in callers(bench, operation):
        client = api.anonymous if user is None else api.signed_in(user)
        for case in cases:
            answer = await send(client, case, {})
            assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text}"
            case.validate_response(answer, checks=CHECKS)
