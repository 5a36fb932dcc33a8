"""Whose consent is needed, whose word counts, and that nobody can change a word that was given."""

from datetime import UTC, date, datetime

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, LockNotAvailable
from sqlalchemy.orm import Session

from core.consents import (
    ConsentRequiredError,
    age_on,
    has_consent,
    is_minor,
    needs_consent,
    require_ai_consent,
    require_consent,
    seal_birth_date,
)
from core.db import Database
from core.encryption import UndecipherableError
from core.keys import KeyRing
from core.models import ConsentBasis, ConsentDecision, ConsentScope, User, UserStatus
from tests.factories.consent import make_consent
from tests.factories.user import actor_of
from tests.factories.world import DistrictBench, SchoolBench, make_district_bench
from tests.fixtures.schema import MigratedDatabase

COLLECTION, AI = ConsentScope.COLLECTION, ConsentScope.AI_PROCESSING
GRANTED, DECLINED, REVOKED = ConsentDecision.GRANTED, ConsentDecision.DECLINED, ConsentDecision.REVOKED
PARENT, SCHOOL = ConsentBasis.PARENT, ConsentBasis.SCHOOL_AGENT
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHILD, TEENAGER = date(2016, 5, 1), date(2010, 5, 1)


@pytest.fixture
def school(bench: DistrictBench) -> SchoolBench:
    return bench.schools[0]


def born(rows: Session, keys: KeyRing, student: User, birth_date: date | None) -> User:
    tenant = actor_of(student).tenant
    student.birth_date_encrypted = birth_date and seal_birth_date(keys.columns, birth_date, tenant)
    rows.flush()
    return student


@pytest.mark.parametrize(
    ("birth_date", "day", "age"),
    [
        (date(2013, 11, 23), date(2026, 11, 22), 12),
        (date(2013, 11, 22), date(2026, 11, 22), 13),
        (date(2013, 11, 21), date(2026, 11, 22), 13),
        (date(2012, 2, 29), date(2025, 2, 28), 12),
        (date(2012, 2, 29), date(2025, 3, 1), 13),
        (date(2012, 2, 29), date(2028, 2, 29), 16),
        (date(2015, 3, 1), date(2028, 2, 29), 12),
        (date(2026, 11, 23), date(2026, 11, 22), -1),
    ],
)
def test_age_is_completed_years(birth_date: date, day: date, age: int) -> None:
    assert age_on(day, birth_date) == age
    assert is_minor(birth_date, day) == (age < 13)


def test_who_has_no_birth_date_did_not_come_alone(keys: KeyRing) -> None:
    assert needs_consent(keys.columns, User(birth_date_encrypted=None), NOW) is False


def test_a_birth_date_is_sealed_for_its_district(keys: KeyRing, bench: DistrictBench) -> None:
    here, elsewhere = bench.district.district_id, bench.schools[0].school.id
    sealed = seal_birth_date(keys.columns, CHILD, actor_of(bench.admin).tenant)
    assert b"2016" not in sealed
    assert needs_consent(keys.columns, User(district_id=here, birth_date_encrypted=sealed), NOW) is True
    with pytest.raises(UndecipherableError):
        needs_consent(keys.columns, User(district_id=elsewhere, birth_date_encrypted=sealed), NOW)


Words = list[tuple[ConsentBasis, ConsentDecision]]

HISTORIES: list[tuple[str, Words, bool]] = [
    ("nobody spoke", [], False),
    ("the guardian granted", [(PARENT, GRANTED)], True),
    ("the guardian declined", [(PARENT, DECLINED)], False),
    ("the guardian took it back", [(PARENT, GRANTED), (PARENT, REVOKED)], False),
    ("the guardian came round", [(PARENT, DECLINED), (PARENT, GRANTED)], True),
    ("the school granted", [(SCHOOL, GRANTED)], True),
    ("the school took it back", [(SCHOOL, GRANTED), (SCHOOL, REVOKED)], False),
    ("the guardian's no before the school's yes", [(PARENT, DECLINED), (SCHOOL, GRANTED)], False),
    ("the guardian's no after the school's yes", [(SCHOOL, GRANTED), (PARENT, DECLINED)], False),
    ("the guardian's yes before the school's no", [(PARENT, GRANTED), (SCHOOL, REVOKED)], True),
]
by_history = pytest.mark.parametrize(
    ("words", "is_granted"),
    [(words, is_granted) for _, words, is_granted in HISTORIES],
    ids=[name for name, _, _ in HISTORIES],
)


def speak(rows: Session, student: User, words: Words, *scopes: ConsentScope) -> None:
    for basis, decision in words:
        for scope in scopes:
            make_consent(rows, student, scope, decision, basis)


@by_history
async def test_the_newest_word_of_the_guardian_counts_then_the_schools(
    *, database: Database, rows: Session, school: SchoolBench, words: Words, is_granted: bool
) -> None:
    student = school.classmate
    speak(rows, student, words, COLLECTION)
    actor = actor_of(student)
    async with database.tenant_transaction(actor.context) as session:
        assert await has_consent(session, actor.tenant, student.id, COLLECTION) is is_granted
        assert await has_consent(session, actor.tenant, student.id, AI) is False


async def test_without_the_collection_nothing_is_granted(
    database: Database, rows: Session, school: SchoolBench
) -> None:
    student, actor = school.classmate, actor_of(school.classmate)
    speak(rows, student, [(PARENT, GRANTED)], COLLECTION, AI)
    speak(rows, student, [(PARENT, REVOKED)], COLLECTION)
    async with database.tenant_transaction(actor.context) as session:
        assert await has_consent(session, actor.tenant, student.id, AI) is False


@pytest.mark.parametrize("birth_date", [CHILD, TEENAGER, None], ids=["child", "teenager", "unknown age"])
@by_history
async def test_words_reach_a_model_with_a_yes_or_from_a_teenager_nobody_said_no_for(
    *,
    database: Database,
    rows: Session,
    keys: KeyRing,
    school: SchoolBench,
    words: Words,
    is_granted: bool,
    birth_date: date | None,
) -> None:
    student = born(rows, keys, school.classmate, birth_date)
    speak(rows, student, words, COLLECTION, AI)
    may_reach = is_granted or (birth_date is TEENAGER and not words)
    assert await reaches_a_model(database, keys, student) is may_reach


async def test_taking_back_the_ai_alone_stops_the_next_use(
    database: Database, rows: Session, keys: KeyRing, school: SchoolBench
) -> None:
    student = born(rows, keys, school.classmate, CHILD)
    speak(rows, student, [(PARENT, GRANTED)], COLLECTION, AI)
    assert await reaches_a_model(database, keys, student) is True
    speak(rows, student, [(PARENT, REVOKED)], AI)
    assert await reaches_a_model(database, keys, student) is False


async def reaches_a_model(database: Database, keys: KeyRing, student: User) -> bool:
    async with database.tenant_transaction(actor_of(student).context) as session:
        try:
            await require_ai_consent(session, keys.columns, student.id, now=NOW)
        except ConsentRequiredError:
            return False
    return True


async def test_an_account_that_waits_records_nothing_whatever_was_granted(
    database: Database, rows: Session, school: SchoolBench
) -> None:
    student, actor = school.classmate, actor_of(school.classmate)
    speak(rows, student, [(PARENT, GRANTED)], COLLECTION)
    student.status = UserStatus.AWAITING_CONSENT
    rows.flush()
    async with database.tenant_transaction(actor.context) as session:
        with pytest.raises(ConsentRequiredError):
            await require_consent(session, actor.tenant, student.id, COLLECTION)


async def test_a_withdrawal_waits_for_what_was_allowed_before_it(
    database: Database, rows: Session, school: SchoolBench, migrated: MigratedDatabase
) -> None:
    student, actor = school.classmate, actor_of(school.classmate)
    speak(rows, student, [(PARENT, GRANTED)], COLLECTION)
    withdrawal = "SELECT 1 FROM app.users WHERE id = %s FOR UPDATE NOWAIT"
    async with database.tenant_transaction(actor.context) as session:
        await require_consent(session, actor.tenant, student.id, COLLECTION)
        with psycopg.connect(migrated.dsn) as connection, pytest.raises(LockNotAvailable):
            connection.execute(withdrawal, [student.id])
    with psycopg.connect(migrated.dsn) as connection:
        connection.execute(withdrawal, [student.id])


async def test_another_districts_decisions_are_not_seen(
    database: Database, rows: Session, school: SchoolBench
) -> None:
    stranger = actor_of(make_district_bench(rows).schools[0].student)
    async with database.tenant_transaction(stranger.context) as session:
        assert await has_consent(session, stranger.tenant, school.student.id, COLLECTION) is False


@pytest.mark.parametrize(
    "statement",
    ["UPDATE app.consents SET decision = 'granted'", "DELETE FROM app.consents", "TRUNCATE app.consents"],
)
def test_the_database_refuses_to_change_or_remove_a_decision(
    migrated: MigratedDatabase, statement: str
) -> None:
    dsn = migrated.app_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(dsn) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)
