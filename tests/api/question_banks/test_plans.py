"""Searches of a bank stay on its indexes behind the walls: what PostgreSQL plans for the application."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import scalar_row
from sqlalchemy.dialects import postgresql

from api.question_banks.questions import Wanted, matching
from core.models import BankQuestion, Difficulty, QuestionBank
from core.tenancy import Actor
from tests.factories.question_bank import make_bank
from tests.factories.user import actor_of
from tests.factories.world import DistrictBench, make_district_bench
from tests.fixtures.engines import Engines
from tests.fixtures.rows import open_rows
from tests.fixtures.schema import MigratedDatabase, copy_template, drop

BANKS, QUESTIONS = 8, 1_000
"""Enough beside the bank at hand for a scan of everything to be the dearer way."""
PAGE = 21

_QUESTIONS = """
    INSERT INTO app.bank_questions (district_id, school_id, id, bank_id, kind, prompt, points, difficulty)
    SELECT %(district)s, %(school)s, gen_random_uuid(), %(bank)s, 'free_response',
      'Explain topic' || number %% 100 || ' of chapter' || number %% 7 || ' unique' || number, 1,
      (ARRAY['easy', 'medium', 'hard'])[number %% 3 + 1]
    FROM generate_series(1, %(questions)s) AS number
"""
_TAGS = """
    INSERT INTO app.bank_question_concepts (district_id, school_id, question_id, concept_id, bank_id)
    SELECT district_id, school_id, id, %(concept)s, bank_id FROM app.bank_questions
    WHERE bank_id = %(bank)s AND prompt LIKE '%%chapter3%%'
"""


@pytest.fixture(scope="module")
def crowded(engines: Engines, worker_name: str) -> Iterator[MigratedDatabase]:
    name = engines.template.replace("template", f"banks_{worker_name}")
    yield copy_template(engines.admin_dsn, engines.template, name)
    drop(engines.admin_dsn, name)


@pytest.fixture(scope="module")
def full(crowded: MigratedDatabase) -> tuple[DistrictBench, QuestionBank]:
    """A full bank, with others of the same words beside it."""
    with open_rows(crowded) as session:
        district = make_district_bench(session)
        banks = [make_bank(session, district.schools[0].teacher) for _ in range(BANKS)]
    with psycopg.connect(crowded.dsn, autocommit=True) as connection:
        for bank in banks:
            values: dict[str, Any] = {
                "district": bank.district_id,
                "school": bank.school_id,
                "bank": bank.id,
                "questions": QUESTIONS,
                "concept": district.concept.id,
            }
            connection.execute(_QUESTIONS, values)
            connection.execute(_TAGS, values)
        connection.execute("VACUUM ANALYZE")
    return district, banks[0]


def planned(database: MigratedDatabase, actor: Actor, bank: QuestionBank, wanted: Wanted) -> str:
    statement = matching(actor, bank.id, wanted, wanted.text.split())
    compiled = (
        statement.order_by(BankQuestion.id.desc())
        .limit(PAGE)
        .compile(dialect=postgresql.psycopg.dialect(), compile_kwargs={"literal_binds": True})
    )
    with psycopg.connect(database.app_url.replace("+psycopg", ""), row_factory=scalar_row) as connection:
        connection.execute(
            "SELECT set_config('app.district_id', %s, true), set_config('app.scope', %s, true)",
            [str(actor.context.tenant), str(actor.context.scope)],
        )
        return "\n".join(
            connection.execute("EXPLAIN (ANALYZE) " + str(compiled).replace("%%", "%")).fetchall()
        )


SEARCHES: dict[str, tuple[Wanted, int]] = {
    "a list": (Wanted(), PAGE),
    "a word that all have": (Wanted("explain"), PAGE),
    "a word that some have": (Wanted("chapter3"), PAGE),
    "a word that few have": (Wanted("topic42"), 10),
    "a word that one has": (Wanted("unique789"), 1),
    "a word that none has": (Wanted("absent"), 0),
    "two words": (Wanted("topic42 chapter3"), 1),
    "a difficulty": (Wanted(difficulty=Difficulty.HARD), PAGE),
    "a word and a difficulty": (Wanted("topic41", difficulty=Difficulty.HARD), 4),
}


@pytest.mark.parametrize("name", SEARCHES)
def test_no_search_reads_everything(
    crowded: MigratedDatabase, full: tuple[DistrictBench, QuestionBank], name: str
) -> None:
    district, bank = full
    wanted, found = SEARCHES[name]
    plan = planned(crowded, actor_of(district.schools[0].teacher), bank, wanted)
    assert f"rows={found}" in re.split(r"actual", plan)[1], plan
    assert "Seq Scan on bank_question" not in plan, plan
    if wanted.text:
        assert re.search(r"Index Cond: .*term >= ", plan), plan
    else:
        assert "Rows Removed by Filter" not in plan, plan


def test_a_concept_is_looked_up_in_its_bank(
    crowded: MigratedDatabase, full: tuple[DistrictBench, QuestionBank]
) -> None:
    district, bank = full
    wanted = Wanted("explain", concept_id=district.concept.id)
    plan = planned(crowded, actor_of(district.schools[0].teacher), bank, wanted)
    assert "ix_bank_question_concepts_bank" in plan, plan
    assert "Seq Scan on bank_question" not in plan, plan
