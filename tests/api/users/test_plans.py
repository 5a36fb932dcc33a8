"""Searches and disclosures stay on their indexes behind the walls: what PostgreSQL plans for the application."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import scalar_row
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from api.users import queries
from api.users.search import parts_of, words_of
from core.models import User, tenant_audit_events
from core.tenancy import Actor
from tests.factories.user import actor_of
from tests.factories.world import DistrictBench, make_district_bench
from tests.fixtures.engines import Engines
from tests.fixtures.rows import open_rows
from tests.fixtures.schema import MigratedDatabase, copy_template, drop

PEOPLE = 3_000
"""In each of two districts: enough for a sequential scan to be the dearer way."""
READS = 20_000

_CROWD = """
    INSERT INTO app.users (district_id, school_id, id, role, name, email, grade_level)
    SELECT %(district)s, %(school)s, gen_random_uuid(), 'student',
      'Given' || number %% 500 || ' Family' || number, 'crowd' || number || '@' || %(school)s, 5
    FROM generate_series(1, %(people)s) AS number
"""
_READS = """
    INSERT INTO app.audit_events (district_id, school_id, id, occurred_at, actor_id, subject_id, action, object_type,
      object_id, purpose, details)
    SELECT %(district)s, %(school)s, gen_random_uuid(), %(now)s - number * interval '1 minute', %(reader)s,
      CASE WHEN number %% 400 = 0 THEN %(student)s ELSE gen_random_uuid() END, 'read', 'grade', NULL,
      'grade:read', '{}'
    FROM generate_series(1, %(reads)s) AS number
"""


@pytest.fixture(scope="module")
def crowded(engines: Engines, worker_name: str) -> Iterator[MigratedDatabase]:
    """A database of its own: a crowd would slow down every other test of this process."""
    name = engines.template.replace("template", f"crowded_{worker_name}")
    yield copy_template(engines.admin_dsn, engines.template, name)
    drop(engines.admin_dsn, name)


@pytest.fixture(scope="module")
def bench(crowded: MigratedDatabase) -> DistrictBench:
    """Two districts x two schools with a crowd in each; the first is asked about."""
    with open_rows(crowded) as session:
        districts = [make_district_bench(session) for _ in range(2)]
    with psycopg.connect(crowded.dsn, autocommit=True) as connection:
        for district in districts:
            for school in district.schools:
                place: dict[str, Any] = {"district": school.school.district_id, "school": school.school.id}
                connection.execute(_CROWD, {**place, "people": PEOPLE // 2})
                about = {"reader": school.teacher.id, "student": school.student.id, "now": datetime.now(UTC)}
                connection.execute(_READS, {**place, **about, "reads": READS})
        connection.execute(
            "ANALYZE app.users, app.user_search_terms, app.audit_events, app.class_enrollments"
        )
    return districts[0]


def planned(database: MigratedDatabase, actor: Actor, statement: Select[Any]) -> str:
    compiled = statement.compile(dialect=postgresql.psycopg.dialect(), compile_kwargs={"literal_binds": True})
    context = actor.context
    with psycopg.connect(database.app_url.replace("+psycopg", ""), row_factory=scalar_row) as connection:
        connection.execute(
            "SELECT set_config('app.district_id', %s, true), set_config('app.scope', %s, true)",
            [str(context.tenant), str(context.scope)],
        )
        return "\n".join(
            connection.execute("EXPLAIN (ANALYZE) " + str(compiled).replace("%%", "%")).fetchall()
        )


def searched(actor: Actor, query: str) -> Select[Any]:
    statement = queries.visible_people(actor)
    for word in words_of(query):
        statement = statement.where(queries.is_called(actor, word, parts_of(word)))
    return statement.order_by(User.id).limit(21)


QUERIES = ["family42", "given7 family", "family42-given", "crowd421@", "%", "fam_1"]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("reader", ["school admin", "district admin"])
def test_an_admins_search_walks_a_range_of_terms(
    crowded: MigratedDatabase, bench: DistrictBench, reader: str, query: str
) -> None:
    actor = actor_of({"school admin": bench.schools[0].admin, "district admin": bench.admin}[reader])
    plan = planned(crowded, actor, searched(actor, query))
    assert re.search(r"Index Cond: .*term >= ", plan), plan
    assert "Seq Scan on user" not in plan, plan


@pytest.mark.parametrize("query", QUERIES)
def test_a_teachers_search_looks_at_few_beyond_own_students(
    crowded: MigratedDatabase, bench: DistrictBench, query: str
) -> None:
    actor = actor_of(bench.schools[0].teacher)
    plan = planned(crowded, actor, searched(actor, query))
    assert "Seq Scan on user" not in plan, plan
    assert not re.search(r"actual .*rows=\d{4,}", plan), plan


def test_a_range_says_what_it_finds(crowded: MigratedDatabase, bench: DistrictBench) -> None:
    """Otherwise the plans above might be those of searches that find nothing."""
    actor = actor_of(bench.admin)
    for query, people in (("family42", 22), ("given7 family", 66), ("crowd7", 222), ("%", 0)):
        plan = planned(crowded, actor, searched(actor, query).limit(500))
        assert f"rows={people}" in plan.splitlines()[0], plan


@pytest.mark.parametrize("asker", ["student", "admin"])
def test_disclosures_touch_the_rows_of_one_student(
    crowded: MigratedDatabase, bench: DistrictBench, asker: str
) -> None:
    school = bench.schools[0]
    actor = actor_of(getattr(school, asker))
    statement = queries.reads_of(actor, school.student.id).order_by(tenant_audit_events.c.id.desc()).limit(21)
    plan = planned(crowded, actor, statement)
    assert "ix_audit_events_subject" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert not re.search(r"Rows Removed by Filter: \d{3,}", plan), plan
