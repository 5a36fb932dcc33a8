"""No route answers anything of another tenant's, of another school's, or of another class's."""

import hashlib
from collections import defaultdict
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.orm import Session

from core.keys import KeyRing
from core.models import Base
from tests.factories.user import make_identity
from tests.factories.world import World, make_district_bench
from tests.fixtures.schema import MigratedDatabase
from tests.fixtures.web import Api
from tests.leaks.bench import ATTACKERS, Attacker, own_values
from tests.leaks.crawler import Crawl
from tests.leaks.operations import PUBLIC, SAMPLES, Operation, documented, id_fields

SERVER_OWNED = [
    *("district_id", "id", "created_at", "updated_at", "deleted_at", "teacher_id", "student_id", "graded_at"),
    *("score", "is_correct", "counts", "version", "actor_id", "received_at", "published_at", "decided_by"),
]


def test_every_operation_has_a_sample(document: dict[str, Any]) -> None:
    assert sorted(documented(document)) == sorted(SAMPLES)


def test_every_id_like_field_of_a_body_is_attacked(
    document: dict[str, Any], all_operations: list[Operation]
) -> None:
    nouns = ("concept", "class", "question", "answer", "student", "file", "section")
    singular = {f"{noun}_ids": f"{noun}_id" for noun in nouns} | {
        "up_to_message_id": "message_id",
        "up_to": "notification_id",
    }
    attacked: dict[str, set[str]] = defaultdict(set)
    for operation in all_operations:
        attacked[str(operation)] |= set(operation.slots)
    for name, slots in attacked.items():
        for field in id_fields(document, name):
            assert any(slot.endswith(singular.get(field, field)) for slot in slots), f"{name}: {field}"


@pytest.mark.parametrize("name", [name for name, sample in SAMPLES.items() if sample.caller != PUBLIC])
async def test_the_sample_succeeds_for_its_rightful_caller(
    *, api: Api, rows: Session, keys: KeyRing, all_operations: list[Operation], name: str
) -> None:
    """Otherwise the crawler would compare one refusal with another and prove nothing."""
    operation = next(operation for operation in all_operations if str(operation) == name)
    district = make_district_bench(rows)
    values = own_values(district, district.schools[0])
    values |= {slot: values[other] for slot, other in operation.sample.instead.items()}
    caller = getattr(district.schools[0], operation.sample.caller)
    make_identity(rows, caller, keys)
    client = api.signed_in(caller)
    answer = await client.request(**operation.request(values))
    assert answer.status_code < 300, answer.text


@pytest.mark.parametrize("attacker", ATTACKERS, ids=lambda attacker: attacker.name)
async def test_nothing_leaks_and_nothing_is_written(
    *,
    api: Api,
    attacked: World,
    migrated: MigratedDatabase,
    all_operations: list[Operation],
    attacker: Attacker,
) -> None:
    before = _digest_of_school(migrated, attacked)
    crawl = Crawl(api, attacked, attacker)
    assert await crawl.run(all_operations) == []
    assert crawl.requests > 2 * len(all_operations)
    if attacker.is_outside_school:
        assert _digest_of_school(migrated, attacked) == before


@pytest.mark.parametrize("name", [name for name, sample in SAMPLES.items() if sample.body is not None])
async def test_no_body_takes_a_field_that_the_server_owns(
    api: Api, rows: Session, all_operations: list[Operation], name: str
) -> None:
    operation = next(operation for operation in all_operations if str(operation) == name)
    district = make_district_bench(rows)
    school = district.schools[0]
    caller = operation.sample.caller
    client = api.anonymous if caller == PUBLIC else api.signed_in(getattr(school, caller))
    for field in [field for field in SERVER_OWNED if field not in (operation.sample.body or {})]:
        arguments = operation.request(own_values(district, school))
        arguments["json"] = {**arguments["json"], field: str(district.admin.id)}
        answer = await client.request(**arguments)
        assert answer.status_code == 422, f"{field}: {answer.text}"


def _digest_of_school(database: MigratedDatabase, world: World) -> str:
    """A checksum over every row of the attacked school."""
    digest = hashlib.sha256()
    school_id = world.districts[0].schools[0].school.id
    with psycopg.connect(database.dsn) as connection:
        for table in Base.metadata.sorted_tables:
            if "school_id" in table.c:
                query = sql.SQL("SELECT t::text FROM app.{} t WHERE school_id = %s ORDER BY 1")
                for row in connection.execute(query.format(sql.Identifier(table.name)), [school_id]):
                    digest.update(row[0].encode())
    return digest.hexdigest()
