"""Whatever happens in another district, no byte of an analytics answer moves."""

from typing import Any

import polars as pl
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from core.tenancy import TenantId
from tests.factories.marts import serve
from tests.factories.world import DistrictBench, make_district_bench
from tests.fixtures.web import Api
from tests.leaks.bench import own_values
from tests.leaks.operations import SAMPLES, Operation
from warehouse.catalog import MARTS
from warehouse.mart import InSet

READS = [
    name
    for name in SAMPLES
    if name.startswith("GET") and ("/analytics/" in name or "/progress/" in name) and "/exports" not in name
]


@pytest.fixture(scope="module")
def two(rows: Session) -> tuple[DistrictBench, DistrictBench]:
    return make_district_bench(rows), make_district_bench(rows)


def publish(app: FastAPI, bench: DistrictBench, *, count: int, run_id: str = "run-1") -> None:
    """Serve marts with rows about each school's own class, student, assignment, question and concept."""
    values = [own_values(bench, school) for school in bench.schools]
    marts: dict[str, list[dict[str, Any]]] = {
        name: [_row(name, ids, count) for ids in values] if count else [] for name in MARTS
    }
    tenant = TenantId.from_command_line(bench.district.district_id)
    serve(app.state.warehouse.district(tenant), marts, run_id=run_id)


def _row(mart: str, ids: dict[str, str], count: int) -> dict[str, Any]:
    texts = {name for name, dtype in MARTS[mart].schema.items() if dtype == pl.String()}
    known = {
        **{name: ids["class_id"] for name in MARTS[mart].sort_key if name in texts},
        **{rule.column: rule.values[0] for rule in MARTS[mart].expectations if isinstance(rule, InSet)},
        **ids,
        **dict.fromkeys(("student_count", "graded_count", "assigned_count"), count),
        **dict.fromkeys(("average_percent", "mastery_percent"), float(count)),
        "concept_ids": [ids["concept_id"]],
        "distribution": [count, *[0] * 9],
    }
    return {column.name: known[column.name] for column in MARTS[mart].columns if column.name in known}


async def read_all(api: Api, bench: DistrictBench, operations: list[Operation]) -> dict[str, bytes]:
    """Every analytics read of the first school, by the rightful reader and by the admin of the district."""
    school = bench.schools[0]
    answers = {}
    for operation in (one for one in operations if str(one) in READS):
        request = operation.request(own_values(bench, school), with_query=False)
        for reader in (getattr(school, operation.sample.caller), bench.admin):
            answer = await api.signed_in(reader).request(**request)
            assert answer.status_code == 200, f"{operation} {answer.text}"
            answers[f"{operation} by {reader.id}"] = answer.content
    return answers


async def test_another_districts_seed_changes_no_byte_of_any_analytics_answer(
    api: Api, app: FastAPI, all_operations: list[Operation], two: tuple[DistrictBench, DistrictBench]
) -> None:
    ours, theirs = two
    publish(app, ours, count=20)
    seen = []
    for count in (0, 20, 99):
        publish(app, theirs, count=count, run_id=f"run-{count}")
        seen.append(await read_all(api, ours, all_operations))
    assert len(seen[0]) >= 2 * 25
    assert seen[0] == seen[1] == seen[2]


async def test_our_own_seed_does_change_our_answers(
    api: Api, app: FastAPI, two: tuple[DistrictBench, DistrictBench]
) -> None:
    ours, _ = two
    seen = []
    for count in (20, 99):
        publish(app, ours, count=count, run_id=f"run-own-{count}")
        seen.append((await api.signed_in(ours.admin).get("/api/v1/analytics/compare")).content)
    assert seen[0] != seen[1]
