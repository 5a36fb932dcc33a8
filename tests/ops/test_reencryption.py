"""Re-encryption: everything readable ends under the newest key, whatever happens on the way."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.db import Database
from core.encryption import ENCRYPTED_COLUMNS, ColumnKeys, EncryptedColumn, new_column_key
from core.ids import new_id
from core.tenancy import DISTRICT_SCOPE, TenantContext, TenantId
from ops import reencryption
from ops.reencryption import BlindError, Tally, count_by_key, every_district, reencrypt_district
from tests.factories.ai import make_ai_interaction
from tests.factories.consent import make_consent_request
from tests.factories.outgoing_mail import make_outgoing_mail
from tests.factories.user import make_student
from tests.factories.world import DistrictBench, make_district_bench

NEW, OLD = new_column_key(), new_column_key()
BEFORE, AFTER = ColumnKeys.from_json([OLD]), ColumnKeys.from_json([NEW, OLD])
USERS, REQUESTS, ADDRESSES, CONTENTS, ASKED, REPLIED = ENCRYPTED_COLUMNS
STUDENTS = 7


class Values:
    """The encrypted values of one district."""

    def __init__(self, rows: Session) -> None:
        self.rows = rows
        self.bench: DistrictBench = make_district_bench(rows)
        self.context = TenantContext(
            TenantId.from_auth_function(self.bench.district.district_id), DISTRICT_SCOPE
        )
        for column in ENCRYPTED_COLUMNS:
            self._write(column, f"{column.column} = NULL" if column is not REQUESTS else "status = status")
        self.rows.execute(text("DELETE FROM app.consent_requests WHERE district_id = :d"), self.district)
        self._fill()

    @property
    def district(self) -> dict[str, object]:
        return {"d": self.context.tenant.value}

    def _fill(self) -> None:
        school = self.bench.schools[0]
        for _ in range(STUDENTS):
            student = make_student(self.rows, school.school)
            self.put(USERS, student.id, self.sealed(USERS))
            mail = make_outgoing_mail(self.rows, student)
            self.put(ADDRESSES, mail.id, self.sealed(ADDRESSES))
            self.put(CONTENTS, mail.id, self.sealed(CONTENTS))
            asked = make_ai_interaction(self.rows, student, student.id)
            self.put(ASKED, asked.id, self.sealed(ASKED))
            self.put(REPLIED, asked.id, self.sealed(REPLIED))
            request = make_consent_request(self.rows, school.school_class)
            self.put(REQUESTS, request.id, self.sealed(REQUESTS))

    def sealed(self, column: EncryptedColumn, keys: ColumnKeys = BEFORE) -> bytes:
        return keys.encrypt("what nobody may read", column.place(self.context.tenant.value))

    def put(self, column: EncryptedColumn, row_id: object, value: bytes) -> None:
        self._write(column, f"{column.column} = :value", value=value, only=row_id)

    def _write(self, column: EncryptedColumn, change: str, only: object = None, **values: object) -> None:
        one = "" if only is None else " AND id = :only"
        statement = text(f"UPDATE app.{column.table} SET {change} WHERE district_id = :d{one}")
        self.rows.execute(statement, {**self.district, "only": only, **values})

    def ids(self, column: EncryptedColumn) -> list[object]:
        where = f"district_id = :d AND {column.column} IS NOT NULL"
        statement = text(f"SELECT id FROM app.{column.table} WHERE {where} ORDER BY id")
        return list(self.rows.scalars(statement, self.district))

    def read(self, column: EncryptedColumn, keys: ColumnKeys) -> list[str]:
        statement = text(
            f"SELECT {column.column} FROM app.{column.table}"
            f" WHERE district_id = :d AND {column.column} IS NOT NULL"
        )
        place = column.place(self.context.tenant.value)
        return [keys.decrypt(value, place) for value in self.rows.scalars(statement, self.district)]


@pytest.fixture
def values(rows: Session) -> Values:
    return Values(rows)


async def test_every_value_is_put_under_the_newest_key(database: Database, values: Values) -> None:
    tally = await reencrypt_district(database, values.context, AFTER)
    assert tally == Tally(rewritten=STUDENTS * len(ENCRYPTED_COLUMNS))
    only_new = ColumnKeys.from_json([NEW])
    for column in ENCRYPTED_COLUMNS:
        assert values.read(column, only_new) == ["what nobody may read"] * STUDENTS


async def test_a_second_run_has_nothing_to_do(database: Database, values: Values) -> None:
    await reencrypt_district(database, values.context, AFTER)
    assert await reencrypt_district(database, values.context, AFTER) == Tally()


async def test_a_run_that_was_killed_is_finished_by_the_next(
    database: Database, values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reencryption, "BATCH", 2)
    batches = 0

    def die_in_the_third(_count: int) -> None:
        nonlocal batches
        batches += 1
        if batches == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await reencrypt_district(database, values.context, AFTER, die_in_the_third)
    rest = await reencrypt_district(database, values.context, AFTER)
    assert rest.rewritten == STUDENTS * len(ENCRYPTED_COLUMNS) - 3 * 2


@pytest.mark.parametrize("batch", [1, 2, STUDENTS, STUDENTS + 1])
async def test_the_size_of_batches_does_not_matter(
    database: Database, values: Values, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(reencryption, "BATCH", batch)
    heard: list[int] = []
    tally = await reencrypt_district(database, values.context, AFTER, heard.append)
    assert sum(heard) == tally.rewritten == STUDENTS * len(ENCRYPTED_COLUMNS)


async def test_a_value_that_changes_meanwhile_is_not_overwritten(
    database: Database, values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person writes after the batch was read and before it is replaced."""
    chosen = values.ids(USERS)[3]
    theirs = AFTER.encrypt("2013-01-01", USERS.place(values.context.tenant.value))
    replace = reencryption._replace

    async def write_first(*arguments: object) -> int:
        if arguments[1] is USERS:
            values.put(USERS, chosen, theirs)
        return await replace(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(reencryption, "_replace", write_first)
    tally = await reencrypt_district(database, values.context, AFTER)
    assert tally.changed_meanwhile == 1
    assert "2013-01-01" in values.read(USERS, AFTER)


async def test_an_unreadable_value_is_counted_and_left_alone(database: Database, values: Values) -> None:
    values.put(USERS, values.ids(USERS)[0], b"written by nobody we know")
    tally = await reencrypt_district(database, values.context, AFTER)
    assert tally == Tally(rewritten=STUDENTS * len(ENCRYPTED_COLUMNS) - 1, unreadable=1)


async def test_values_are_counted_by_key(database: Database, values: Values) -> None:
    values.put(USERS, values.ids(USERS)[0], values.sealed(USERS, AFTER))
    counts = await count_by_key(database, values.context)
    assert counts[USERS, NEW["id"]] == 1
    assert counts[USERS, OLD["id"]] == STUDENTS - 1
    assert sum(counts.values()) == STUDENTS * len(ENCRYPTED_COLUMNS)


async def test_another_districts_values_are_not_touched(
    database: Database, values: Values, rows: Session
) -> None:
    others = Values(rows)
    await reencrypt_district(database, values.context, AFTER)
    assert others.read(USERS, BEFORE) == ["what nobody may read"] * STUDENTS


async def test_a_rotation_signs_nobody_out_and_changes_no_version(
    database: Database, values: Values, rows: Session
) -> None:
    def versions() -> list[object]:
        users = text("SELECT id, updated_at FROM app.users WHERE district_id = :d ORDER BY id")
        ended = text("SELECT count(*) FROM auth.sessions WHERE district_id = :d AND revoked_at IS NOT NULL")
        return [*rows.execute(users, values.district), rows.scalar(ended, values.district)]

    before = versions()
    await reencrypt_district(database, values.context, AFTER)
    assert versions() == before


async def test_a_transaction_that_does_not_see_its_district_is_believed_nothing(database: Database) -> None:
    nowhere = TenantContext(TenantId.from_auth_function(new_id()), DISTRICT_SCOPE)
    with pytest.raises(BlindError):
        await reencrypt_district(database, nowhere, AFTER)
    with pytest.raises(BlindError):
        await count_by_key(database, nowhere)


async def test_every_district_is_visited(database: Database, values: Values) -> None:
    assert values.context in await every_district(database)
